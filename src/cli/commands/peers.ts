// fairmesh peers: who is connected.
import type { Command } from "commander";
import { print } from "../command.ts";
import { type NodeOptions, onNode, withNode } from "../node-access.ts";
import { table } from "../tables.ts";
import type { Terminal } from "../terminal.ts";

export function define(command: Command, terminal: Terminal): void {
  withNode(command).action((options: NodeOptions) =>
    onNode({ options, terminal }, async ({ client }) => {
      const peers = await client.request("node_peers");
      print(terminal, options, {
        data: peers,
        text: () =>
          peers.length === 0
            ? "no peers"
            : table(
                ["account", "peer", "direction", "address"],
                peers.map(({ account, peer, direction, addresses }) => [
                  account ?? "not bound yet",
                  peer,
                  direction,
                  addresses[0] ?? "",
                ]),
              ),
      });
    }),
  );
}
