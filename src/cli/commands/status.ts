// fairmesh status: how far the node is and what needs attention.
import type { Command } from "commander";
import type { NodeStatus } from "../../client/index.ts";
import { formatUnits } from "../../primitives/index.ts";
import { print } from "../command.ts";
import { type NodeOptions, onNode, withNode } from "../node-access.ts";
import { facts, percent } from "../tables.ts";
import type { Terminal } from "../terminal.ts";

/** How long ago the last final block here was made. */
const behind = (time: string): string => {
  const minutes = Math.max(0, (Date.now() - Date.parse(time)) / 60_000);
  return minutes < 120 ? `${Math.ceil(minutes)} minutes` : `${Math.round(minutes / 60)} hours`;
};

function stateOf({ joining, syncing, time }: NodeStatus): string {
  if (joining === undefined) return syncing ? `catching up, ${behind(time)} behind` : "up to date";
  const { step, height, bytes } = joining;
  if (height === undefined) return "joining by state: looking for peers that prove a term's end";
  return `joining by state at block ${height}: ${step}, ${(bytes / (1 << 20)).toFixed(1)} MiB of state here`;
}

const checkpointOf = ({ checkpoint }: NodeStatus): string =>
  checkpoint === undefined
    ? "none before the first term's end"
    : `${checkpoint.digest} (end of term ${checkpoint.term}, ${checkpoint.time})`;

const offerStates = {
  new: "waits",
  preparing: "is prepared",
  prepared: "waits for registration",
  registered: "is registered",
} as const;

function offerText({ kind, units, state, preparedPpm }: NodeStatus["offers"][number]): string {
  const done = state === "preparing" ? `, ${percent(preparedPpm)}` : "";
  return `${formatUnits(kind, units)} of ${kind}: ${offerStates[state]}${done}`;
}

export function define(command: Command, terminal: Terminal): void {
  withNode(command).action((options: NodeOptions) =>
    onNode({ options, terminal }, async ({ client, url }) => {
      const status = await client.request("node_status");
      const alerts = await client.request("node_alerts");
      const part = status.seat === undefined ? "follows" : `sits as seat ${status.seat}`;
      print(terminal, options, {
        data: { ...status, url, alertList: alerts },
        text: () =>
          [
            facts([
              ["Node", `${status.account} at ${url}`],
              ["Network", `${status.networkName} ${status.networkId.slice(0, 14)}…`],
              ["Block", `${status.height} (${status.time}), epoch ${status.epoch}, term ${status.term}`],
              ["Consensus", `${part}${status.observing === undefined ? "" : `, does not vote: ${status.observing}`}`],
              ["State", stateOf(status)],
              ["Blocks kept", `from ${status.blocksFrom}`],
              ["Checkpoint", checkpointOf(status)],
              ["Peers", status.peers],
              ...status.offers.map((offer, at) => [at === 0 ? "Offers" : "", offerText(offer)] as const),
              ["Audits made", `${status.audits.passed} passed, ${status.audits.failed} failed`],
              ["Version", `${status.version}, ${status.verifier} signatures`],
              ["Up for", `${Math.round(status.uptimeMs / 1000)} s`],
            ]),
            ...alerts.map((alert) => `${alert.severity === "critical" ? "!!" : "! "} ${alert.message} (${alert.code})`),
          ].join("\n"),
      });
    }),
  );
}
