// Figures by row in flat memory, in pieces: a collector of garbage does not walk them, and no piece is large enough to make it
// stop everything. Used by settlement.ts, where rows are many.
const pieceRows = 8192;
const wordBits = 64n;
const wordMask = (1n << wordBits) - 1n;

/** Unsigned integers below 2^64 (`words` 1) or 2^128 (`words` 2), by row. */
export class Column {
  readonly #words: 1 | 2;
  readonly #pieces: BigUint64Array[] = [];
  #length = 0;

  constructor(words: 1 | 2) {
    this.#words = words;
  }

  push(value: bigint): void {
    const at = (this.#length % pieceRows) * this.#words;
    if (at === 0) this.#pieces.push(new BigUint64Array(pieceRows * this.#words));
    const piece = this.#pieces.at(-1) as BigUint64Array;
    if (this.#words === 2) piece[at + 1] = value >> wordBits;
    piece[at] = this.#words === 2 ? value & wordMask : value;
    this.#length += 1;
  }

  /** Precondition: the row was pushed. */
  at(row: number): bigint {
    const piece = this.#pieces[Math.floor(row / pieceRows)] as BigUint64Array;
    const at = (row % pieceRows) * this.#words;
    const low = piece[at] as bigint;
    if (this.#words === 1) return low;
    const high = piece[at + 1] as bigint;
    return high === 0n ? low : (high << wordBits) | low;
  }
}
