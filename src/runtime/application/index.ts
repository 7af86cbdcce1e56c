// The door of the application: the ledger, run over a Store, as what consensus agrees on.
export type { Adoption } from "./adopt-state.ts";
export * from "./create-application.ts";
export * from "./ledger-application.ts";
export { type CertificateProblem, type CertificateStart, certificateProblems } from "./make-certificate.ts";
export { Mempool, type MempoolLimits, mempoolLimits, replacementTip } from "./mempool.ts";
export type { Head, OwedTranscript, Queries, TermEnd } from "./queries.ts";
export { bodyEpochsKept, rewardEpochsKept } from "./retention.ts";
export { applicationSpaces } from "./spaces.ts";
