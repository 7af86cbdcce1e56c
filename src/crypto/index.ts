// The door of crypto: hashing, signing domains, verification. Portable and pure; node's own crypto is in src/native.
export * from "./purpose.ts";
export * from "./sha256.ts";
export * from "./verifier.ts";
