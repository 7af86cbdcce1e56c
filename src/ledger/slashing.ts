// Takes a share of an operator's bond, unbonding parts included (L-5), and burns it.
import { type AccountId, grains, minBigint, mulPpm } from "../primitives/index.ts";
import { type AmountAtEpoch, tables } from "../schema/index.ts";
import type { Draft } from "./draft.ts";
import { addBurned, operatorOf, updateChain } from "./execution-context.ts";

/** Grains lost; zero when there is no such operator. */
export function slash(draft: Draft, id: AccountId, sharePpm: number): bigint {
  const operator = operatorOf(draft, id);
  if (operator === undefined || sharePpm === 0) return 0n;
  const keep = (amount: bigint): bigint => amount - mulPpm(amount, sharePpm);
  const less = (part: AmountAtEpoch): AmountAtEpoch => ({ ...part, amount: grains(keep(part.amount)) });
  const unbonding = operator.unbonding.map(less);
  const sum = (parts: readonly AmountAtEpoch[]): bigint => parts.reduce((total, part) => total + part.amount, 0n);
  const lost = operator.bond - keep(operator.bond) + sum(operator.unbonding) - sum(unbonding);
  // A pending part never exceeds the bond that it is a part of.
  const pending = operator.pending.map(less);
  draft.write(tables.operators, id, { ...operator, bond: grains(keep(operator.bond)), pending, unbonding });
  updateChain(draft, (chain) => ({ bonds: grains(chain.bonds - lost) }));
  addBurned(draft, lost);
  return lost;
}

/** Takes up to `amount` grains of an operator's bond, as much as is there, and burns them. */
export function burnBond(draft: Draft, id: AccountId, amount: bigint): void {
  const operator = operatorOf(draft, id);
  if (operator === undefined) return;
  const lost = minBigint(amount, operator.bond);
  // A pending part never exceeds the bond that it is a part of.
  let left = operator.bond - lost;
  const pending = operator.pending.map((part) => {
    const kept = minBigint(part.amount, left);
    left -= kept;
    return { ...part, amount: grains(kept) };
  });
  draft.write(tables.operators, id, { ...operator, bond: grains(operator.bond - lost), pending });
  updateChain(draft, (chain) => ({ bonds: grains(chain.bonds - lost) }));
  addBurned(draft, lost);
}
