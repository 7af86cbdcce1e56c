// The door of ports: everything that the runtime and the core need of the world, as interfaces. Adapters implement them,
// the simulator too; each has an in-memory twin in test/support and one contract suite that all of them pass.
export * from "./application.ts";
export * from "./clock.ts";
export * from "./compute.ts";
export * from "./discovery.ts";
export * from "./log.ts";
export * from "./metrics.ts";
export * from "./random.ts";
export * from "./signer.ts";
export * from "./store.ts";
export * from "./transport.ts";
export * from "./volume.ts";
export * from "./vote-guard.ts";
