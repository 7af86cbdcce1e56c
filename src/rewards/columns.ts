// Figures by row or by group in flat memory, in pieces: a collector of garbage does not walk them, and no piece is so large
// that to make one stops everything. Used by settlement, where rows are many. Positions must have been pushed to be read.
const pieceBits = 13;
const pieceLength = 1 << pieceBits;
const within = pieceLength - 1;

/** Whole numbers from 0: below 2^32, or 2^53 where `wide`. */
export class NumberColumn {
  readonly #pieces: (Uint32Array | Float64Array)[] = [];
  readonly #wide: boolean;
  #length = 0;

  constructor(size: "narrow" | "wide") {
    this.#wide = size === "wide";
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    const at = this.#length++;
    if ((at & within) === 0) this.#pieces.push(new (this.#wide ? Float64Array : Uint32Array)(pieceLength));
    this.set(at, value);
  }

  at(position: number): number {
    return (this.#pieces[position >>> pieceBits] as Float64Array)[position & within] as number;
  }

  set(position: number, value: number): void {
    (this.#pieces[position >>> pieceBits] as Float64Array)[position & within] = value;
  }
}

/** Unsigned integers below 2^64. */
export class BigintColumn {
  readonly #pieces: BigUint64Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: bigint): void {
    const at = this.#length++;
    if ((at & within) === 0) this.#pieces.push(new BigUint64Array(pieceLength));
    (this.#pieces[at >>> pieceBits] as BigUint64Array)[at & within] = value;
  }

  at(position: number): bigint {
    return (this.#pieces[position >>> pieceBits] as BigUint64Array)[position & within] as bigint;
  }

  values(): BigUint64Array {
    const values = new BigUint64Array(this.#length);
    for (let at = 0; at < this.#length; at++) values[at] = this.at(at);
    return values;
  }

  /** Precondition: the sum is below 2^64, as every sum of grains is (L-7). */
  add(position: number, value: bigint): void {
    const piece = this.#pieces[position >>> pieceBits] as BigUint64Array;
    piece[position & within] = BigInt.asUintN(64, (piece[position & within] as bigint) + value);
  }
}

const digestBytes = 32;

/** Strings of 32 bytes. */
export class DigestColumn {
  readonly #pieces: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: Uint8Array): void {
    const at = this.#length++;
    if ((at & within) === 0) this.#pieces.push(new Uint8Array(pieceLength * digestBytes));
    (this.#pieces[at >>> pieceBits] as Uint8Array).set(value, (at & within) * digestBytes);
  }

  /** A view, which nobody writes to. */
  at(position: number): Uint8Array {
    const from = (position & within) * digestBytes;
    return (this.#pieces[position >>> pieceBits] as Uint8Array).subarray(from, from + digestBytes);
  }
}

/** What is added at once stays below this, so that the sum of two is exact. */
const carried = 2 ** 52;

/** Sums of whole numbers below 2^52 each, exact however many: what passes 2^52 is counted apart. */
export class SumColumn {
  readonly #low = new NumberColumn("wide");
  readonly #carries = new NumberColumn("narrow");

  push(): void {
    this.#low.push(0);
    this.#carries.push(0);
  }

  add(position: number, value: number): void {
    const sum = this.#low.at(position) + value;
    this.#low.set(position, sum < carried ? sum : sum - carried);
    if (sum >= carried) this.#carries.set(position, this.#carries.at(position) + 1);
  }

  at(position: number): bigint {
    return BigInt(this.#carries.at(position)) * BigInt(carried) + BigInt(this.#low.at(position));
  }
}
