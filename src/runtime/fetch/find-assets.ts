// From a kind and a place to assets: whoever the DHT names is asked for its records, and only what the ledger and the owner's
// signature bear out is an answer (D-3). What the DHT says is a hint: a provider that has nothing, or lies, costs one request.
import type { Verifier } from "../../crypto/index.ts";
import type { AssetQuery, Discovery, Transport } from "../../ports/index.ts";
import {
  type AccountId,
  type AssetId,
  assetKinds,
  cellParent,
  cellResolution,
  equalBytes,
} from "../../primitives/index.ts";
import { type AssetRecord, assetRecordRequestCodec, assetRecordsMax } from "../../schema/index.ts";
import { checkAssetRecord, type NetworkView } from "../../validation/index.ts";
import { fetchProtocols } from "./fetch-protocols.ts";

export interface FindParts {
  readonly transport: Transport;
  readonly discovery: Discovery;
  readonly view: NetworkView;
  readonly verifier: Verifier;
  readonly onLie: (from: AccountId, detail: string) => void;
}

/** Records that hold, of one provider; none when it cannot be asked. */
async function* recordsOf(
  parts: FindParts,
  from: AccountId,
  asset: AssetId | undefined,
  signal: AbortSignal,
): AsyncIterable<AssetRecord> {
  const request = assetRecordRequestCodec.encode({ assetId: asset === undefined ? [] : [asset] });
  let count = 0;
  try {
    for await (const bytes of parts.transport.request(from, fetchProtocols.assetRecords, request, signal)) {
      if (++count > assetRecordsMax) return parts.onLie(from, "more records than are ever given");
      const checked = await checkAssetRecord(bytes, from, parts);
      if (checked.ok) yield checked.value;
      else if (checked.error.verdict === "reject") return parts.onLie(from, `a record: ${checked.error.code}`);
    }
  } catch {
    signal.throwIfAborted();
  }
}

const within = (record: AssetRecord, query: AssetQuery): boolean => {
  const { kind, cell } = record.asset.terms;
  const resolution = Math.min(query.widenTo ?? cellResolution(query.cell), cellResolution(query.cell));
  if (assetKinds[kind] !== query.kind || cellResolution(cell) < resolution) return false;
  return cellParent(cell, resolution) === cellParent(query.cell, resolution);
};

/** Assets of a kind near a place, those of the nearest providers first, each checked. */
export async function* findAssets(
  parts: FindParts,
  query: AssetQuery,
  signal: AbortSignal,
): AsyncIterable<AssetRecord> {
  for await (const account of parts.discovery.find(query, signal)) {
    for await (const record of recordsOf(parts, account, undefined, signal)) {
      if (within(record, query)) yield record;
    }
  }
}

/** One asset, as its owner describes it now; undefined when nobody who is named has it. */
export async function findAsset(
  parts: FindParts,
  asset: AssetId,
  signal: AbortSignal,
): Promise<AssetRecord | undefined> {
  for await (const account of parts.discovery.findAsset(asset, signal)) {
    for await (const record of recordsOf(parts, account, asset, signal)) {
      if (equalBytes(record.asset.id, asset)) return record;
    }
  }
  return undefined;
}
