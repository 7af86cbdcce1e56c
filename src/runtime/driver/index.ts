// The door of the driver: consensus over ports. node wires it, the simulator runs the very same code on simulated ports.
export { adoptedTerm } from "./adopted-term.ts";
export { createDriver } from "./create-driver.ts";
export type { Driver, DriverOptions, DriverStatus, Observed } from "./options.ts";
export { driverProtocols, driverSpaces } from "./wire.ts";
