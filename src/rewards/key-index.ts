// Numbers 64-bit keys in the order in which they are first met: cells and prefixes become the numbers of groups. A table with
// open places in flat memory, since a Map of bigints is slow to ask and is walked by the collector. Keys are never removed.
import { invariant } from "../primitives/index.ts";
import { NumberColumn } from "./columns.ts";

export class KeyIndex {
  /** Of each key: a word that tells alike keys of different kinds apart, and the key's halves. */
  readonly #spaces = new NumberColumn("narrow");
  readonly #highs = new NumberColumn("narrow");
  readonly #lows = new NumberColumn("narrow");
  /** Number of the key that stands there, plus one. At most half are taken. */
  #places = new Int32Array(1024);

  get count(): number {
    return this.#spaces.length;
  }

  /** The number of the key made of two 32-bit halves in a space; -1 when it was not met. */
  find(space: number, high: number, low: number): number {
    return (this.#places[this.#placeOf(space, high, low)] as number) - 1;
  }

  /** Gives the key the next number. Precondition: it was not met. */
  add(space: number, high: number, low: number): number {
    const place = this.#placeOf(space, high, low);
    invariant(this.#places[place] === 0, "a key is numbered once", { space, high, low });
    const number = this.count;
    this.#spaces.push(space);
    this.#highs.push(high);
    this.#lows.push(low);
    this.#places[place] = number + 1;
    if (this.count * 2 > this.#places.length) this.#grow();
    return number;
  }

  /** Where the key stands, or the open place where it would. */
  #placeOf(space: number, high: number, low: number): number {
    const places = this.#places;
    const last = places.length - 1;
    for (let place = mixed(space, high, low) & last; ; place = (place + 1) & last) {
      const number = (places[place] as number) - 1;
      if (number < 0) return place;
      if (this.#lows.at(number) === low && this.#highs.at(number) === high && this.#spaces.at(number) === space)
        return place;
    }
  }

  #grow(): void {
    this.#places = new Int32Array(this.#places.length * 2);
    for (let number = 0; number < this.count; number++) {
      const place = this.#placeOf(this.#spaces.at(number), this.#highs.at(number), this.#lows.at(number));
      this.#places[place] = number + 1;
    }
  }
}

/** Spreads keys over places: the last steps of MurmurHash3 (Appleby, public domain). */
function mixed(space: number, high: number, low: number): number {
  let hash = Math.imul(low ^ Math.imul(high, 0x9e3779b1) ^ space, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
