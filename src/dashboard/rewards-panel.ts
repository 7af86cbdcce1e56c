// An epoch's reward table, with "why" for each row: the factors by the code that decided, and the certificate that proves it.
import { h, type JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Client, explanationFacts, type Reward, type RewardExplanation } from "../client/index.ts";
import { formatFair, fromHex } from "../primitives/index.ts";
import { bar, facts, idText, panel, type Row, table } from "./panel.ts";
import { epochBlocksOf, firstPayText, type NodeSight, paidIn, rowsMax } from "./sight.ts";
import { kindName, percent, shortId, unitsText } from "./text.ts";

/** The choice of whatever epoch was settled last. */
const newest = "newest";

interface Props {
  readonly sight: NodeSight;
  readonly client: Client;
}

/** Hands bytes to the browser to be saved. */
function save(bytes: Uint8Array, name: string): void {
  const url = URL.createObjectURL(new Blob([Uint8Array.from(bytes)], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

function Why({
  client,
  epoch,
  asset,
}: {
  readonly client: Client;
  readonly epoch: number;
  readonly asset: string;
}): JSX.Element {
  const [explanation, setExplanation] = useState<RewardExplanation>();
  const [fault, setFault] = useState<string>();
  useEffect(() => {
    client.request("reward_explain", { epoch, asset }).then(setExplanation, (error: Error) => setFault(error.message));
  }, [client, epoch, asset]);
  const fetchFrom = (from: "near" | "genesis"): void => {
    setFault(undefined);
    client.request("reward_getCertificate", { epoch, asset, from }).then(
      ({ certificate }) => save(fromHex(certificate), `reward-${epoch}-${asset.slice(2, 10)}.cert`),
      (error: Error) => setFault(error.message),
    );
  };
  return h(
    "div",
    { class: "why" },
    explanation === undefined ? h("p", { class: "note" }, fault ?? "asking") : facts(explanationFacts(explanation)),
    h(
      "p",
      { class: "actions" },
      h("button", { type: "button", onClick: () => fetchFrom("near") }, "Save its certificate"),
      h("button", { type: "button", onClick: () => fetchFrom("genesis") }, "Save it from genesis on"),
    ),
    explanation !== undefined && fault !== undefined ? h("p", { class: "fault", role: "alert" }, fault) : null,
  );
}

interface Listed {
  readonly epoch: number;
  readonly items: readonly Reward[];
  readonly more: boolean;
  readonly fault?: string;
}

/** The first rows of an epoch's table, asked again when the epoch changes. */
function useRewards(client: Client, epoch: number | undefined): Listed | undefined {
  const [listed, setListed] = useState<Listed>();
  useEffect(() => {
    if (epoch === undefined) return undefined;
    const wanted = new AbortController();
    client.request("reward_list", { epoch, limit: rowsMax }, { signal: wanted.signal }).then(
      ({ items, nextCursor }) => setListed({ epoch, items, more: nextCursor !== null }),
      (error: Error) => {
        if (!wanted.signal.aborted) setListed({ epoch, items: [], more: false, fault: error.message });
      },
    );
    return () => wanted.abort();
  }, [client, epoch]);
  return listed?.epoch === epoch ? listed : undefined;
}

/** The part of a sum in parts per million; 0 of nothing. */
export const sharePpm = (part: bigint, whole: bigint): number =>
  whole === 0n ? 0 : Number((part * 1_000_000n) / whole);

/** The epochs to choose from; without a choice, whichever is settled last. */
const epochChoice = (
  paid: NodeSight["epochs"],
  chosen: number | undefined,
  choose: (epoch: number | undefined) => void,
): JSX.Element =>
  h(
    "div",
    { class: "controls" },
    h(
      "label",
      null,
      h("span", null, "Epoch"),
      h(
        "select",
        {
          value: chosen ?? newest,
          onChange: ({ currentTarget }: Event) => {
            const { value } = currentTarget as HTMLSelectElement;
            choose(value === newest ? undefined : Number(value));
          },
        },
        h("option", { value: newest }, "the newest"),
        paid.map((record) =>
          h("option", { key: record.epoch, value: record.epoch }, `${record.epoch}, ${formatFair(paidIn(record))}`),
        ),
      ),
    ),
  );

export function RewardsPanel({ sight, client }: Props): JSX.Element {
  const [chosen, setChosen] = useState<number>();
  const [open, setOpen] = useState<string>();
  const paid = sight.epochs.filter((record) => paidIn(record) > 0n);
  const epoch = chosen !== undefined && paid.some((each) => each.epoch === chosen) ? chosen : paid[0]?.epoch;
  const listed = useRewards(client, epoch);
  const options = {
    id: "rewards",
    title: epoch === undefined ? "Rewards" : `Rewards of epoch ${epoch}`,
    note: "Who was paid for what, and why: every figure is the node's own reckoning, and a certificate proves it without the node.",
  };
  if (epoch === undefined) {
    const text = firstPayText(sight.status?.height ?? 0, epochBlocksOf(sight));
    return panel(options, h("p", { class: "empty" }, sight.status === undefined ? "" : text));
  }
  const whole = paid.find((record) => record.epoch === epoch);
  const sum = whole === undefined ? 0n : paidIn(whole);
  const rowFor = ({ assetId, owner, reward }: Reward): Row => {
    const terms = sight.assets.get(assetId)?.terms;
    const ppm = sharePpm(BigInt(reward), sum);
    const isOpen = open === assetId;
    return {
      key: assetId,
      cells: [
        idText(shortId(assetId), assetId),
        terms === undefined ? "" : `${unitsText(terms.kind, terms.units)} of ${kindName(terms.kind)}`,
        idText(shortId(owner), owner),
        formatFair(BigInt(reward)),
        h("span", { class: "share" }, bar(ppm / 1e6, `${percent(ppm)} of the epoch's rewards`), percent(ppm)),
        h(
          "button",
          {
            type: "button",
            "aria-expanded": isOpen,
            "aria-label": `Why ${shortId(assetId)} earned this`,
            onClick: () => {
              setOpen(isOpen ? undefined : assetId);
              // What is being read stays, whatever is settled meanwhile.
              setChosen(epoch);
            },
          },
          isOpen ? "Close" : "Why",
        ),
      ],
      ...(isOpen ? { under: h(Why, { key: `${epoch} ${assetId}`, client, epoch, asset: assetId }) } : {}),
    };
  };
  return panel(
    options,
    epochChoice(paid, chosen === epoch ? chosen : undefined, setChosen),
    listed?.fault === undefined ? null : h("p", { class: "fault", role: "alert" }, listed.fault),
    table({
      caption: `Rewards of epoch ${epoch}`,
      columns: [
        { name: "Asset" },
        { name: "Offers", class: "wide" },
        { name: "Owner", class: "wide" },
        { name: "Reward", class: "num" },
        { name: "Share", class: "wide" },
        { name: "Explanation" },
      ],
      rows: (listed?.items ?? []).map(rowFor),
      empty: listed === undefined ? "Asking." : "Nobody was paid in this epoch.",
      more: listed?.more,
    }),
  );
}
