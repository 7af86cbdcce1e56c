// The door of the checkers: what must hold at every step of a simulation of consensus.
export * from "./agreement-checker.ts";
export * from "./signature-checker.ts";
