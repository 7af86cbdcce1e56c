// The door of alerts: warnings before penalties.
export * from "./alert-board.ts";
export type { Sight } from "./alert-rules.ts";
