// How much serial work lies between what a cheater of storage keeps and a block of the final sector: an exact search over the
// sealing's own schedule (src/crypto/sealing.ts). A block's new value, its old one, the one before it and its partner stand in
// one relation: of those that enter it, any all but one give the missing one. Only encrypting (old to new) counts, as 1; decrypting,
// xor, reading what is kept and any number of cores are free: more generous than any machine.
import { sealPartner, sealPasses } from "../../src/crypto/index.ts";

/** Values that take part, by number: pass -1 (made from the seed, free) to the last, times blocks. */
export interface Sealing {
  readonly blocks: number;
  readonly passes: number;
  /** The value of a block after a pass. */
  value(pass: number, block: number): number;
}

export const sealingOf = (blocks: number, passes: number = sealPasses): Sealing => ({
  blocks,
  passes,
  value: (pass, block) => (pass + 1) * blocks + block,
});

export interface Work {
  /** Encryptions one after another before each value can be known, whoever computes in whatever order; by value. */
  readonly serial: Int32Array;
  /** Encryptions of all cores together before one value is known, by the quickest way there. */
  total(value: number): number;
}

export function workOf(sealing: Sealing, kept: Iterable<number>): Work {
  const { blocks, passes, value } = sealing;
  const relations: { readonly members: readonly number[]; missing: number }[] = [];
  const within: number[][] = Array.from({ length: (passes + 1) * blocks }, () => []);
  for (let pass = 0; pass < passes; pass++) {
    for (let block = 0; block < blocks; block++) {
      const before = block === 0 ? value(pass - 1, blocks - 1) : value(pass, block - 1);
      const other = sealPartner(pass, block, blocks);
      const partner = value(other < block ? pass : pass - 1, other);
      // The same value twice is nothing.
      const mixed = before === partner ? [] : [before, partner];
      const members = [value(pass, block), value(pass - 1, block), ...mixed];
      for (const member of members) within[member]?.push(relations.length);
      relations.push({ members, missing: members.length });
    }
  }
  const work = new Int32Array(within.length).fill(-1);
  const madeBy = new Int32Array(within.length).fill(-1);
  const sources = [...Array.from({ length: blocks }, (_, block) => value(-1, block)), ...kept];
  let level: number[] = [...new Set(sources)];
  for (let depth = 0; level.length > 0; depth++) {
    const next: number[] = [];
    const free = level;
    for (let known = free.pop(); known !== undefined; known = free.pop()) {
      if (work[known] !== -1) continue;
      work[known] = depth;
      for (const at of within[known] as number[]) {
        const relation = relations[at] as (typeof relations)[number];
        if (--relation.missing !== 1) continue;
        const last = relation.members.find((member) => work[member] === -1);
        if (last === undefined || madeBy[last] !== -1) continue;
        madeBy[last] = at;
        if (last === relation.members[0]) next.push(last);
        else free.push(last);
      }
    }
    level = next;
  }
  return {
    serial: work,
    total(target) {
      const seen = new Set<number>();
      const open = [target];
      let encryptions = 0;
      for (let at = open.pop(); at !== undefined; at = open.pop()) {
        const relation = relations[madeBy[at] as number];
        if (seen.has(at) || relation === undefined) continue;
        seen.add(at);
        if (relation.members[0] === at) encryptions++;
        open.push(...relation.members.filter((member) => member !== at));
      }
      return encryptions;
    },
  };
}
