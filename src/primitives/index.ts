// The door of primitives: ids, amounts, integers, places and the two ways to fail. No protocol logic.
export * from "./address.ts";
export * from "./amount.ts";
export * from "./asset-kind.ts";
export * from "./bitmap.ts";
export * from "./brand.ts";
export * from "./bytes.ts";
export * from "./cell.ts";
export * from "./error.ts";
export * from "./ids.ts";
export * from "./integer.ts";
export * from "./invariant.ts";
export * from "./result.ts";
export * from "./sorted-entries.ts";
export * from "./verified.ts";
