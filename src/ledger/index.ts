// The door of ledger: the state machine of accounts, assets, audits and epochs (section 3), pure and synchronous.
// Signatures are verified by the caller before execution; disks and clocks are unknown here.
export * from "./apply-transaction.ts";
export * from "./audit-windows.ts";
export * from "./certificate/anchored-by.ts";
export * from "./certificate/committee-chain.ts";
export * from "./certificate/read-certificate.ts";
export * from "./certificate/refusal.ts";
export * from "./draft.ts";
export * from "./draws.ts";
export * from "./end-of-epoch.ts";
export * from "./epoch-settlement.ts";
export * from "./execute-block.ts";
export * from "./execution-context.ts";
export { isEarly } from "./filing.ts";
export * from "./genesis-state.ts";
export * from "./network-time.ts";
export { postingsRoot } from "./posting-list.ts";
export * from "./reasons.ts";
export { auditorsCount } from "./settlement-appeals.ts";
export * from "./signatures.ts";
export * from "./state.ts";
export * from "./state-proof.ts";
export * from "./state-stream.ts";
export { activeIn, assetIdOf } from "./transactions/asset.ts";
export { claimKey } from "./transactions/claim.ts";
export { accusedBy } from "./transactions/evidence.ts";
export { auditorChainAt, renewed } from "./transactions/operator.ts";
export {
  isComplete,
  isInTable,
  isTranscriptOf,
  reportCommitment,
  reportKey,
  reportPartKey,
} from "./transactions/report.ts";
