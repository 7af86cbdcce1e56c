// The door of validation: bytes from the network become verified messages, or a rejection with its verdict and code.
export * from "./asset-record.ts";
export * from "./capacity.ts";
export * from "./network-view.ts";
export * from "./proof-of-service.ts";
export * from "./recent.ts";
export * from "./rejection.ts";
export * from "./sequenced-validator.ts";
