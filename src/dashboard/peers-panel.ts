// Whom this node is connected with.
import type { JSX } from "preact";
import { idText, panel, table } from "./panel.ts";
import type { NodeSight } from "./sight.ts";
import { bytesText, shortId } from "./text.ts";

export const peersPanel = ({ peers, status }: NodeSight): JSX.Element =>
  panel(
    { id: "peers", title: status === undefined ? "Peers" : `Peers (${status.peers})` },
    table({
      caption: "Connections",
      columns: [
        { name: "Account" },
        { name: "Peer", class: "wide" },
        { name: "From", class: "wide" },
        { name: "Received", class: "num" },
        { name: "Sent", class: "num" },
        { name: "Score", class: "num wide" },
      ],
      rows: peers.map(({ peer, account, direction, bytes, score }, index) => ({
        // A peer may have several connections.
        key: `${peer} ${index}`,
        cells: [
          account === undefined ? "not bound yet" : idText(shortId(account), account),
          idText(shortId(peer), peer),
          direction === "inbound" ? "them" : "here",
          bytesText(bytes.received),
          bytesText(bytes.sent),
          score.toFixed(1),
        ],
      })),
      empty: "Nobody is connected.",
    }),
  );
