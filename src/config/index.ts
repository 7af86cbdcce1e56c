// The door of config: what an operator may set, where each value came from, and the network's presets.
export * from "./data-folder.ts";
export * from "./edit.ts";
export * from "./genesis-file.ts";
export type { Environment } from "./layer.ts";
export * from "./load.ts";
export { configDataPath } from "./preset.ts";
export * from "./reference.ts";
export { namedSettings, nearest } from "./setting-path.ts";
export type { Config } from "./settings.ts";
