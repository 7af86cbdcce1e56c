// The door of sync: how a node begins that is far behind its network.
export * from "./join-options.ts";
export * from "./state-join.ts";
