// The door of the small model: every interleaving of four seats over a few views, over the real core.
export { explore, type ModelOptions, type ModelResult } from "./explore.ts";
