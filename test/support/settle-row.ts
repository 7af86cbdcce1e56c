// A row of settlement for tests of the reward rule: named by its number, owned by an operator of its own, and passed in full.
import { type AccountId, assetId, bigEndian } from "../../src/primitives/index.ts";
import { noOutcome, type SettleRow } from "../../src/rewards/index.ts";

type Given = Pick<SettleRow, "kind" | "cell" | "prefix" | "measured" | "delivered" | "bond"> & Partial<SettleRow>;

export const settleRow = (at: number, given: Given): SettleRow => ({
  assetId: assetId(bigEndian(at + 1, 32)),
  owner: bigEndian(at, 32) as AccountId,
  beneficiary: bigEndian(at, 32) as AccountId,
  operator: at,
  assigned: 3,
  last: noOutcome,
  units: given.measured,
  passPpm: 1_000_000,
  bonusPpm: 0,
  evidence: [],
  ...given,
});
