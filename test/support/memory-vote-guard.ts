// The VoteGuard's in-memory twin. What it remembers is in `disk`, so a node that starts again gets the same guard.
import type { GuardRecord, GuardState, VoteGuard } from "../../src/ports/index.ts";
import { FairmeshError } from "../../src/primitives/index.ts";

export interface GuardDisk {
  state: GuardState;
  readonly segments: Map<number, GuardRecord[]>;
  keptFrom: number;
}

/** What `createGuard` makes: an empty, sound guard. */
export const newGuardDisk = (): GuardDisk => ({ state: "sound", segments: new Map(), keptFrom: 0 });

const refused = (why: string): FairmeshError => new FairmeshError("GUARD_DAMAGED", why);

export function createMemoryVoteGuard(disk: GuardDisk = newGuardDisk()): VoteGuard {
  let closed = false;
  const newest = (): number => Math.max(-1, ...disk.segments.keys());
  const check = (): void => {
    if (closed) throw new FairmeshError("GUARD_CLOSED", "the vote guard is closed");
  };
  const keeps = (term: number): boolean =>
    disk.state !== "damaged" && (disk.segments.has(term) || (term > newest() && term >= disk.keptFrom));
  return {
    get state() {
      return disk.state;
    },
    records: (term) => [...(disk.segments.get(term) ?? [])],
    keeps,
    async append(record) {
      check();
      if (disk.state === "damaged") throw refused("the guard is damaged");
      if (!keeps(record.term)) {
        throw refused("votes of this term are no longer kept");
      }
      disk.state = "sound";
      disk.segments.set(record.term, [...(disk.segments.get(record.term) ?? []), record]);
    },
    async renew(term) {
      check();
      if (term <= newest()) throw refused("it is too early");
      disk.segments.set(term, []);
      disk.keptFrom = term;
      disk.state = "sound";
    },
    async prune(term) {
      check();
      for (const one of [...disk.segments.keys()]) if (one < term) disk.segments.delete(one);
      disk.keptFrom = Math.max(disk.keptFrom, term);
    },
    async close() {
      closed = true;
    },
  };
}
