// The door of the economics simulation: scenarios, runs under every rule, and reports as text and as a page.
export * from "./html-report.ts";
export * from "./run.ts";
export * from "./scenario.ts";
export * from "./table.ts";
