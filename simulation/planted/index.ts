// The door of planted: deliberate defects, and the attempt to catch each.
export * from "./bugs.ts";
export * from "./catch-planted.ts";
export type { PlantedBug } from "./planted-bug.ts";
