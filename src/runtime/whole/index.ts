// The door of whole: everything that a node does over its ports, wired once for the real world and the simulated one.
export * from "./chain-views.ts";
export * from "./compose-whole.ts";
export { Submitter } from "./submitter.ts";
export * from "./whole-parts.ts";
