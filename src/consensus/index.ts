// The door of consensus: Simplex (section 2 of the protocol) as a pure state machine. The specification is in step.ts.
export * from "./answer.ts";
export * from "./certificate.ts";
export * from "./committee.ts";
export { createState, type Lock, type Recovered } from "./create-state.ts";
export * from "./effect.ts";
export * from "./evidence.ts";
export * from "./input.ts";
export * from "./owed.ts";
export type { OwnLocks, State, ViewRecord } from "./state.ts";
export { step } from "./step.ts";
export * from "./timing.ts";
