// The dashboard's entry: one page that follows the node it came from, over the SDK and nothing else. It reads; it has no token and
// asks for none.
import { h, type JSX, render } from "preact";
import { type Client, createClient, webSocket } from "../client/index.ts";
import { capacityPanel } from "./capacity-panel.ts";
import { CertificatePanel } from "./certificate-panel.ts";
import { ConcentrationPanel } from "./concentration-panel.ts";
import { epochsPanel } from "./epochs-panel.ts";
import { FollowedNode } from "./follow-node.ts";
import { alertsPanel, headPanel, lostText, masthead } from "./head-panel.ts";
import { MapPanel } from "./map-panel.ts";
import { peersPanel } from "./peers-panel.ts";
import { RewardsPanel } from "./rewards-panel.ts";
import { type NodeSight, nothingSeen } from "./sight.ts";

const page = (sight: NodeSight, client: Client): JSX.Element =>
  h(
    "div",
    { class: "page" },
    masthead(sight),
    h(
      "main",
      null,
      lostText(sight.connection),
      headPanel(sight),
      alertsPanel(sight),
      h("div", { class: "column" }, h(MapPanel, { sight }), h(RewardsPanel, { sight, client }), epochsPanel(sight)),
      h(
        "div",
        { class: "column" },
        h(ConcentrationPanel, { sight }),
        capacityPanel(sight),
        h(CertificatePanel, null),
        peersPanel(sight),
      ),
    ),
    h(
      "footer",
      null,
      sight.status === undefined ? "" : `Fairmesh ${sight.status.version}. `,
      "This page reads and changes nothing; everything on it was said by the node that served it. ",
      h("a", { href: "dashboard/licences.txt" }, "Licences of what it is made of"),
    ),
  );

const place = document.getElementById("page") as HTMLElement;
const client = createClient({ transport: webSocket(new URL(".", location.href).href), retries: 0 });

/** Drawn at most once a frame, however much is heard. */
let isDue = false;
let newest = nothingSeen;
function draw(sight: NodeSight): void {
  newest = sight;
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    render(page(newest, client), place);
  });
}

draw(nothingSeen);
new FollowedNode(client, draw).start();
