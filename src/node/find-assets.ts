// Assets near a place, for RPC: the chain says which there are, the DHT and the providers' signed records say who of them
// answers, and where (D-3). A provider that answers falsely is reported.
import { type AssetId, assetKinds, cellParent, cellResolution, equalBytes, keyOf } from "../primitives/index.ts";
import { type FoundAsset, inBatches, type NodeView } from "../rpc/index.ts";
import { findAssets as findRecords } from "../runtime/fetch/index.ts";
import { assetOf } from "../runtime/whole/index.ts";
import { type AssetState, assetStatuses } from "../schema/index.ts";
import { type Asking, fetchParts } from "./fetch-parts.ts";

/** Looking assets up ends after so long with what was found. */
const findMs = 5_000;

/** Nearest first, this node's own before others'; ends at once when everything that the chain has there was found. */
export async function findAssets(
  asking: Asking,
  query: Parameters<NodeView["findAssets"]>[0],
  limit: number,
): Promise<readonly FoundAsset[]> {
  const { application, network, account } = asking;
  const resolution = cellResolution(query.cell);
  const isWanted = ({ terms, status }: AssetState): boolean =>
    assetKinds[terms.kind] === query.kind &&
    assetStatuses[status] === "active" &&
    cellResolution(terms.cell) >= resolution &&
    cellParent(terms.cell, resolution) === query.cell;
  const there: (readonly [AssetId, AssetState])[] = [];
  for await (const batch of inBatches(application.queries.assets()))
    there.push(...batch.filter(([, state]) => isWanted(state)));
  const wanted = new Set(there.map(([id]) => keyOf(id)));
  const found: FoundAsset[] = [];
  const take = (asset: FoundAsset["asset"], addresses: readonly string[]): void => {
    // The DHT may name a provider twice, and what is not on the chain is no answer.
    if (found.length < limit && wanted.delete(keyOf(asset.id))) found.push({ asset, provider: asset.owner, addresses });
  };
  for (const [id, state] of there) {
    if (equalBytes(state.owner, account)) take(assetOf(id, state), network.addresses());
  }
  const signal = AbortSignal.timeout(findMs);
  try {
    if (found.length >= limit || wanted.size === 0) return found;
    for await (const { asset, addresses } of findRecords(fetchParts(asking), query, signal)) {
      take(
        asset,
        addresses.map((address) => new TextDecoder().decode(address)),
      );
      if (found.length >= limit || wanted.size === 0) break;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return found;
}
