// The door of whole: scenarios of whole nodes, and running them.
export * from "./run-whole.ts";
export * from "./simulate-whole.ts";
export * from "./whole-scenario.ts";
