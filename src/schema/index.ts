// The door of schema: every signed message, block and record, and nothing else gives bytes a meaning.
export * from "./asset.ts";
export * from "./audit.ts";
export * from "./basic.ts";
export * from "./block.ts";
export * from "./codec.ts";
export * from "./consensus.ts";
export * from "./consensus-message.ts";
export * from "./epoch.ts";
export * from "./genesis.ts";
export * from "./identity.ts";
export * from "./merkle.ts";
export * from "./parameters.ts";
export * from "./reward-certificate.ts";
export * from "./signing.ts";
export * from "./state.ts";
export * from "./state-proof.ts";
export * from "./transaction.ts";
