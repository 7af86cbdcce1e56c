// The door of byzantine: named misbehaviours.
export * from "./misbehave.ts";
