// The door of runtime: what drives the pure core over ports.
export * from "./driver/index.ts";
