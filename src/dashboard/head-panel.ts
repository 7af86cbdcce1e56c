// Where the network is: height, finality, epoch, and what this node does in it; then its alerts and whether it is heard at all.
import { h, type JSX } from "preact";
import { formatCount } from "../primitives/index.ts";
import { bar, panel } from "./panel.ts";
import { type Connection, epochBlocksOf, epochProgress, type NodeSight, paceOf, roleText } from "./sight.ts";
import { duration, shortId } from "./text.ts";

const tile = (name: string, value: string, note: JSX.Element | string | undefined): JSX.Element =>
  h("div", { class: "tile" }, h("dt", null, name), h("dd", null, value), h("dd", { class: "note" }, note ?? ""));

function connectionText(connection: Connection): string {
  if (connection.state === "connected") return "Connected";
  return connection.state === "connecting" ? "Connecting" : "Not connected";
}

/** The page's top line. */
export function masthead({ connection, status }: NodeSight): JSX.Element {
  const { state } = connection;
  return h(
    "header",
    { class: "masthead" },
    h("h1", null, "Fairmesh"),
    h("span", { class: "network" }, status?.networkName ?? ""),
    h("span", { class: `connection ${state}`, role: "status" }, connectionText(connection)),
  );
}

/** Said above everything while the node is not heard: what stands below it is old. */
export function lostText(connection: Connection): JSX.Element | null {
  if (connection.state !== "lost") return null;
  const since = new Date(connection.sinceMs).toLocaleTimeString();
  return h(
    "p",
    { class: "lost", role: "alert" },
    `Not connected since ${since}: ${connection.why}. It is tried again by itself; what is shown is what was seen before.`,
  );
}

export function alertsPanel({ alerts }: NodeSight): JSX.Element {
  return panel(
    { id: "alerts", title: "Alerts" },
    alerts.length === 0
      ? h("p", { class: "empty" }, "None. What is about to cost this node something is said here first.")
      : h(
          "ul",
          { class: "alerts" },
          alerts.map(({ code, severity, message, sinceHeight }) =>
            h(
              "li",
              { key: code, class: severity === "critical" ? "critical" : "warning" },
              h("strong", null, severity),
              h("span", null, message),
              h("small", null, `${code}, since height ${sinceHeight}`),
            ),
          ),
        ),
  );
}

export function headPanel(sight: NodeSight): JSX.Element {
  const { status, blocks } = sight;
  if (status === undefined) {
    return panel({ id: "head", title: "Network" }, h("p", { class: "empty" }, "The node has not answered yet."));
  }
  const height = Math.max(status.height, blocks.at(-1)?.height ?? 0);
  const pace = paceOf(blocks);
  const epochBlocks = epochBlocksOf(sight);
  const progress = epochBlocks === undefined ? undefined : epochProgress(height, epochBlocks);
  const epoch = Math.max(status.epoch, blocks.at(-1)?.epoch ?? 0);
  const done = progress === undefined ? "" : `${progress.done} of ${progress.of} blocks`;
  return panel(
    { id: "head", title: "Network" },
    h(
      "dl",
      { class: "tiles" },
      tile("Height", String(height), `term ${status.term}, view ${status.view}`),
      tile(
        "Final after",
        pace.finalMs === undefined ? "…" : duration(pace.finalMs),
        pace.finalMs === undefined
          ? "waiting for blocks"
          : "median of the last blocks, from a block's own time until heard here",
      ),
      tile(
        "Between blocks",
        pace.betweenMs === undefined ? "…" : duration(pace.betweenMs),
        `median of the last ${pace.blocks}`,
      ),
      tile(
        "Epoch",
        String(epoch),
        progress === undefined
          ? undefined
          : h("span", { class: "progress" }, bar(progress.done / progress.of, `epoch: ${done}`), done),
      ),
      tile("This node", roleText(status), h("code", { title: status.account }, shortId(status.account))),
      tile(
        "Audits answered",
        String(status.audits.passed),
        `passed since it started ${duration(status.uptimeMs)} ago, ${formatCount(status.audits.failed, "failure")}`,
      ),
    ),
  );
}
