#!/usr/bin/env node
// The installed command: checks the Node version before anything modern is read, then runs the built program;
// in a checkout, where there is a bin/fairmesh.ts, that instead. Plain JavaScript that old Nodes parse.
import "./require-node.js";
import { existsSync } from "node:fs";

const source = new URL("./fairmesh.ts", import.meta.url);
import(existsSync(source) ? source.href : new URL("../dist/bin/fairmesh.js", import.meta.url).href).catch((error) => {
  process.stderr.write(`fairmesh: ${String(error)}\n`);
  process.exit(2);
});
