// The door of the simulated environment: virtual time, seeded randomness, network, disk, cheap signatures, a small chain.
export * from "./chain-application.ts";
export * from "./cheap-signer.ts";
export * from "./consensus-node.ts";
export * from "./memory-volume.ts";
export * from "./ml-dsa-signer.ts";
export * from "./quick-compute.ts";
export * from "./quiet.ts";
export * from "./region-latency.ts";
export * from "./scheduler.ts";
export * from "./seeded-random.ts";
export * from "./shared-discovery.ts";
export * from "./simulated-clock.ts";
export * from "./simulated-disk.ts";
export * from "./simulated-network.ts";
export * from "./simulated-node.ts";
