// The door of faults: schedules drawn from a seed, carried out, and shortened.
export * from "./apply-schedule.ts";
export * from "./schedule.ts";
