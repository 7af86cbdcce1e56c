// The door of rewards: what an epoch pays and why (section 6), in integers, without a ledger, a clock or a disk.
export * from "./allocation.ts";
export { NumberColumn } from "./columns.ts";
export * from "./concentration.ts";
export * from "./duty-pay.ts";
export * from "./emission.ts";
export type { GroupAverage } from "./group-book.ts";
export * from "./groups.ts";
export * from "./outcome.ts";
export * from "./recompute.ts";
export * from "./reward-table.ts";
export type { SettleRow } from "./row-table.ts";
export * from "./settlement.ts";
export * from "./work.ts";
