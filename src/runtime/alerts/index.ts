// The door of alerts: warnings before penalties.
export * from "./alert-board.ts";
export { lateAfterMs, type Sight } from "./alert-rules.ts";
