// The door of native: what Node itself does faster or only Node can do. Imported first by entry points, for the hasher.
export * from "./create-verifier.ts";
export * from "./hasher.ts";
export * from "./keystore.ts";
export * from "./ml-dsa-key.ts";
export * from "./native-signer.ts";
export * from "./native-verifier.ts";
export * from "./operator-keys.ts";
export * from "./peer-key.ts";
export * from "./seal-sector.ts";
export * from "./system-clock.ts";
export * from "./system-random.ts";
export * from "./worker-compute.ts";
