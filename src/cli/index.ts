// The door of cli: run a command. bin/fairmesh is a shim over this.
export { runCommand } from "./program.ts";
export { processTerminal, type Terminal } from "./terminal.ts";
