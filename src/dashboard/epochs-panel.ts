// The last settled epochs: what was emitted, and to whom it went.
import { h, type JSX } from "preact";
import { formatFair } from "../primitives/index.ts";
import { panel, table } from "./panel.ts";
import { epochBlocksOf, epochsMax, firstPayText, type NodeSight, paidIn } from "./sight.ts";
import { kindName } from "./text.ts";

const money = (amount: bigint | string): string => formatFair(BigInt(amount)).replace(" FAIR", "");

/** "storage 54.6 of 500", a line a kind: paid of its budget. */
const budgets = (kinds: NodeSight["epochs"][number]["kinds"]): readonly JSX.Element[] =>
  kinds
    .filter(({ budget }) => budget !== "0")
    .map(({ kind, budget, paid }) => h("div", { key: kind }, `${kindName(kind)} ${money(paid)} of ${money(budget)}`));

export function epochsPanel(sight: NodeSight): JSX.Element {
  const height = sight.status?.height ?? 0;
  return panel(
    {
      id: "epochs",
      title: "Settled epochs",
      note: `The last ${epochsMax}, in FAIR. What work did not earn goes to the treasury or stays in a kind's reserve.`,
    },
    table({
      caption: "Settled epochs",
      columns: [
        { name: "Epoch" },
        { name: "To assets", class: "num" },
        { name: "Auditors", class: "num" },
        { name: "Seats", class: "num" },
        { name: "Treasury", class: "num" },
        { name: "Paid of each budget", class: "wide" },
      ],
      rows: sight.epochs.map((record) => ({
        key: String(record.epoch),
        cells: [
          record.epoch,
          money(paidIn(record)),
          money(record.auditPay),
          money(record.committeePay),
          money(record.treasury),
          budgets(record.kinds),
        ],
      })),
      empty: firstPayText(height, epochBlocksOf(sight)),
    }),
  );
}
