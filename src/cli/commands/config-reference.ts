// fairmesh config reference: the reference as Markdown (docs/CONFIGURATION.md), or a JSON Schema for editors.
import type { Command } from "commander";
import { configJsonSchema, configReference } from "../../config/index.ts";
import { withJson } from "../command.ts";
import type { Terminal } from "../terminal.ts";

export function define(command: Command, terminal: Terminal): void {
  withJson(command).action(({ json }: { readonly json?: boolean }) => {
    terminal.out(json === true ? `${JSON.stringify(configJsonSchema(), null, 2)}\n` : configReference());
  });
}
