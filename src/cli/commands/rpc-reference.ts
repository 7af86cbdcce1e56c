// fairmesh rpc reference: the reference of all methods as Markdown (docs/RPC.md), or their OpenRPC document.
import type { Command } from "commander";
import { openRpc, rpcReferenceText } from "../../node/offline.ts";
import { withJson } from "../command.ts";
import type { Terminal } from "../terminal.ts";
import { packageVersion } from "../version.ts";

export function define(command: Command, terminal: Terminal): void {
  withJson(command).action(({ json }: { readonly json?: boolean }) => {
    terminal.out(json === true ? `${JSON.stringify(openRpc(packageVersion()), null, 2)}\n` : rpcReferenceText());
  });
}
