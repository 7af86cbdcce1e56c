// The door of crypto: hashing, signing domains, verification, keys from words. Portable and pure; node's own crypto is in
// src/native.
export * from "./account-id.ts";
export * from "./hash-chain.ts";
export * from "./key-derivation.ts";
export * from "./merkle.ts";
export * from "./peer-id.ts";
export * from "./portable-signing.ts";
export * from "./portable-verifier.ts";
export * from "./purpose.ts";
export * from "./sealing.ts";
export * from "./seed-words.ts";
export * from "./sha256.ts";
export * from "./verifier.ts";
