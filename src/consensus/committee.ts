// Who votes in a term, how many are enough, and who leads which view (S-12). Made once a term from the ledger's record.
// Never draws from a signature or a certificate (I-6): the order of leaders comes from the term's beacon alone.
import { sha256 } from "../crypto/index.ts";
import { type AccountId, type Bytes, bigEndian, type Digest, equalBytes, invariant } from "../primitives/index.ts";
import { type CommitteeRecord, seatsMax } from "../schema/index.ts";

export interface CommitteeSeat {
  readonly operator: AccountId;
  readonly publicKey: Bytes;
}

export interface Committee {
  readonly term: number;
  /** What every vote of the term names. */
  readonly root: Digest;
  readonly seats: readonly CommitteeSeat[];
  /** n - floor((n - 1) / 3). */
  readonly quorum: number;
  /** Most seats that may be faulty: floor((n - 1) / 3). */
  readonly faultsMax: number;
  /** The seats in the order in which they lead, beginning with view 1. */
  readonly leaders: readonly number[];
}

/** f, the number of faulty seats that `size` seats withstand. */
export const faultsOf = (size: number): number => Math.floor((size - 1) / 3);

/** The committee of a record. Throws InvariantError for none or more than `seatsMax` seats: genesis and draws forbid both. */
export function committeeOf(record: CommitteeRecord, root: Digest, beacon: Digest): Committee {
  const size = record.seats.length;
  invariant(size >= 1 && size <= seatsMax, "a committee has from 1 to 64 seats", { size });
  const faultsMax = faultsOf(size);
  const seats = record.seats;
  return { term: record.term, root, seats, faultsMax, quorum: size - faultsMax, leaders: leaderOrder(size, beacon) };
}

/** S-12: the seat that leads `view` (from 1 on). */
export const leaderOf = (committee: Committee, view: number): number =>
  committee.leaders[(view - 1) % committee.seats.length] as number;

/** The seat of an operator, or undefined when it does not sit in this term. */
export function seatOf(committee: Committee, operator: AccountId): number | undefined {
  const seat = committee.seats.findIndex((candidate) => equalBytes(candidate.operator, operator));
  return seat === -1 ? undefined : seat;
}

/** Fisher-Yates over H(beacon, counter), 32-bit words, with rejection so that no order is likelier than another. */
function leaderOrder(size: number, beacon: Digest): readonly number[] {
  const order = Array.from({ length: size }, (_, seat) => seat);
  let words: readonly number[] = [];
  let counter = 0;
  const nextWord = (): number => {
    if (words.length === 0) words = wordsOf(sha256(beacon, bigEndian(counter++)));
    const [word, ...rest] = words;
    words = rest;
    return word as number;
  };
  for (let last = size - 1; last > 0; last--) {
    const bound = last + 1;
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let word = nextWord();
    while (word >= limit) word = nextWord();
    const pick = word % bound;
    const kept = order[last] as number;
    order[last] = order[pick] as number;
    order[pick] = kept;
  }
  return order;
}

function wordsOf(bytes: Bytes): readonly number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 4 }, (_, index) => view.getUint32(index * 4));
}
