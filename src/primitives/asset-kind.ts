// Kinds of physical assets and the unit in which each is counted (section 5 of the protocol).
// The order is the wire order: a kind's number is its index and never changes.
export const assetKinds = ["storage", "bandwidth", "compute", "wireless", "energy", "sensor"] as const;

export type AssetKind = (typeof assetKinds)[number];

export const isAssetKind = (text: string): text is AssetKind => (assetKinds as readonly string[]).includes(text);

/** What one unit of a kind is, and several are, for people. How many bytes a storage unit has is a network parameter. */
const unitNames: Readonly<Record<AssetKind, readonly [one: string, several: string]>> = {
  storage: ["sector", "sectors"],
  bandwidth: ["Mbit/s", "Mbit/s"],
  compute: ["million operations/s", "million operations/s"],
  wireless: ["cell covered", "cells covered"],
  energy: ["Wh/epoch", "Wh/epoch"],
  sensor: ["reading/epoch", "readings/epoch"],
};

/** So many units of a kind, for people. */
export function formatUnits(kind: AssetKind, units: bigint | string): string {
  const [one, several] = unitNames[kind];
  return `${units} ${String(units) === "1" ? one : several}`;
}
