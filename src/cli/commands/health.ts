// fairmesh health: whether the node is ready, as an exit code for scripts and containers.
import type { Command } from "commander";
import { FairmeshError } from "../../primitives/index.ts";
import { print } from "../command.ts";
import { type NodeOptions, onNode, withNode } from "../node-access.ts";
import type { Terminal } from "../terminal.ts";

export function define(command: Command, terminal: Terminal): void {
  withNode(command)
    .addHelpText("after", "\nExit codes: 0 ready, 1 not (yet).")
    .action((options: NodeOptions) =>
      onNode({ options, terminal }, async ({ client }) => {
        const { syncing, peers, height, alerts } = await client.request("node_status");
        const state = syncing ? "syncing" : peers > 0 && height > 0 ? "ready" : "starting";
        print(terminal, options, { data: { state, height, peers, alerts }, text: () => `${state}, height ${height}` });
        if (state !== "ready") throw new FairmeshError("UNHEALTHY", `the node is ${state}`);
      }),
    );
}
