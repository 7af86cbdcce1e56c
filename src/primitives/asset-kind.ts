// Kinds of physical assets and the unit in which each is counted (section 5 of the protocol).
// The order is the wire order: a kind's number is its index and never changes.
export const assetKinds = ["storage", "bandwidth", "compute", "wireless", "energy", "sensor"] as const;

export type AssetKind = (typeof assetKinds)[number];

export const isAssetKind = (text: string): text is AssetKind => (assetKinds as readonly string[]).includes(text);

/** What one unit of a kind is, for people. How many bytes a storage unit has is a network parameter. */
export const assetUnit: Readonly<Record<AssetKind, string>> = {
  storage: "sector",
  bandwidth: "Mbit/s",
  compute: "million operations/s",
  wireless: "cell covered",
  energy: "Wh/epoch",
  sensor: "reading/epoch",
};
