// What is free now: the advertisements that this node holds, by kind and in a list.
import { h, type JSX } from "preact";
import { formatFair } from "../primitives/index.ts";
import { idText, panel, table } from "./panel.ts";
import { heldMax, type NodeSight } from "./sight.ts";
import { kindName, shortId, unitsText } from "./text.ts";

interface Offered {
  readonly kind: number;
  readonly assets: number;
  readonly free: bigint;
  readonly registered: bigint;
}

/** Free and registered units by kind. Advertisements of assets that are not known count in none; expired ones neither. */
export function offeredByKind({ capacities, assets, status }: NodeSight): readonly Offered[] {
  const kinds = new Map<number, Offered>();
  for (const { assetId, freeUnits, expiresEpoch } of capacities.values()) {
    const terms = assets.get(assetId)?.terms;
    if (terms === undefined || expiresEpoch < (status?.epoch ?? 0)) continue;
    const before = kinds.get(terms.kind) ?? { kind: terms.kind, assets: 0, free: 0n, registered: 0n };
    kinds.set(terms.kind, {
      kind: terms.kind,
      assets: before.assets + 1,
      free: before.free + BigInt(freeUnits),
      registered: before.registered + BigInt(terms.units),
    });
  }
  return [...kinds.values()].sort((a, b) => a.kind - b.kind);
}

export function capacityPanel(sight: NodeSight): JSX.Element {
  const { capacities, assets, status } = sight;
  const current = [...capacities.values()].filter(({ expiresEpoch }) => expiresEpoch >= (status?.epoch ?? 0));
  return panel(
    {
      id: "capacity",
      title: "Capacity now",
      note: "What owners advertise as free, signed by them and checked by this node. Prices are of a unit and epoch, until an epoch.",
    },
    h(
      "ul",
      { class: "totals" },
      offeredByKind(sight).map(({ kind, free, registered, assets: count }) =>
        h(
          "li",
          { key: kind },
          h("strong", null, unitsText(kind, free)),
          h("span", null, ` of ${kindName(kind)} free, of ${registered} registered (assets: ${count})`),
        ),
      ),
    ),
    table({
      caption: "Advertisements",
      columns: [
        { name: "Asset" },
        { name: "Kind" },
        { name: "Free", class: "num" },
        { name: "Price", class: "num" },
        { name: "Until", class: "num wide" },
        { name: "Owner", class: "wide" },
      ],
      rows: current.map(({ assetId, owner, freeUnits, pricePerUnitEpoch, expiresEpoch }) => {
        const terms = assets.get(assetId)?.terms;
        return {
          key: assetId,
          cells: [
            idText(shortId(assetId), assetId),
            terms === undefined ? "not registered" : kindName(terms.kind),
            terms === undefined ? freeUnits : `${freeUnits} of ${terms.units}`,
            formatFair(BigInt(pricePerUnitEpoch)),
            expiresEpoch,
            idText(shortId(owner), owner),
          ],
        };
      }),
      empty: "Nothing is advertised now.",
      more: capacities.size === heldMax,
    }),
  );
}
