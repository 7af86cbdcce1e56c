// The door of mesh: local networks of real nodes on one machine.
export * from "./devnet.ts";
export * from "./draw-network.ts";
