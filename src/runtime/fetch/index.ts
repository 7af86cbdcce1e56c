// What peers fetch from one another and how it is checked: ranges of the chain, chunks of state, records of assets.
export type { AskingParts } from "./asking.ts";
export * from "./fetch-ledger-parts.ts";
export * from "./fetch-protocols.ts";
export * from "./fetch-range.ts";
export * from "./fetch-state.ts";
export * from "./fetch-term-proof.ts";
export * from "./fetch-transcript.ts";
export * from "./find-assets.ts";
export * from "./own-records.ts";
export * from "./serve-fetches.ts";
export * from "./state-snapshots.ts";
