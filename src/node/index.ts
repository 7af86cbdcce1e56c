// The door of node: a whole node from a configuration. The second door, offline.ts, needs no running node.
export * from "./create-node.ts";
