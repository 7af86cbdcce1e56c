// Pay for what keeps the network honest: blocks proposed, standing in sampled certificates, accepted audit entries.
import { mulPpm } from "../primitives/index.ts";

export interface CommitteeWork {
  /** Final blocks by the seat that proposed them. */
  readonly proposed: readonly number[];
  /** Sampled certificates by the seat that stands in them, and how many there were. */
  readonly sampled: readonly number[];
  readonly samples: number;
}

/** Grains by seat: a part for each block, a part equally to seats that stand in a third of the samples. Rest: unpaid. */
export function committeePay(
  budget: bigint,
  work: CommitteeWork,
  rules: { readonly proposerPartPpm: number; readonly epochBlocks: number },
): readonly bigint[] {
  const byBlocks = mulPpm(budget, rules.proposerPartPpm);
  const perBlock = byBlocks / BigInt(rules.epochBlocks);
  const perSeat = (budget - byBlocks) / BigInt(Math.max(1, work.proposed.length));
  return work.proposed.map((blocks, seat) => {
    const present = (work.sampled[seat] ?? 0) * 3 >= work.samples;
    return perBlock * BigInt(blocks) + (present ? perSeat : 0n);
  });
}

/** Grains for one accepted entry, when so many were assigned: a small network does not pay a few entries a fortune. */
export const auditEntryPay = (budget: bigint, assigned: number, floor: number): bigint =>
  budget / BigInt(Math.max(assigned, floor));
