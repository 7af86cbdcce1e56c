// Finding assets through the DHT (D-3). Only provider records are used: which peer serves what. They hold no value that
// could be stale, oversized or forged; the record itself comes from the provider and is checked by whoever asked.
// A provider that does not complete the binding handshake is not an answer.
import type { PeerId } from "@libp2p/interface";
import { CID } from "multiformats/cid";
import * as rawCodec from "multiformats/codecs/raw";
import * as MultihashDigest from "multiformats/hashes/digest";
import { sha256 } from "../crypto/index.ts";
import type { AssetQuery, Discovery, Log } from "../ports/index.ts";
import {
  type AccountId,
  type AssetId,
  type Bytes,
  type Cell,
  cellParent,
  cellResolution,
  cellText,
  concatBytes,
  keyOf,
  utf8ToBytes,
} from "../primitives/index.ts";
import type { Bindings } from "./bindings.ts";
import type { Host } from "./host.ts";

const sha256Code = 0x12;
const provideMs = 60_000;
const findPerCallMax = 1_000;
const finestResolution = 7;

const placeKey = (kind: string, cell: Cell): Bytes => sha256(utf8ToBytes(`asset/${kind}/${cellText(cell)}`));
export const assetKey = (asset: AssetId): Bytes => sha256(concatBytes(utf8ToBytes("asset/id/"), asset));

const cidOf = (key: Bytes): CID => CID.createV1(rawCodec.code, MultihashDigest.create(sha256Code, key));

export interface DiscoveryParts {
  readonly host: Host;
  readonly bindings: Bindings;
  readonly log: Log;
}

export class DhtDiscovery implements Discovery {
  readonly #parts: DiscoveryParts;
  readonly #provided = new Map<string, readonly CID[]>();

  constructor(parts: DiscoveryParts) {
    this.#parts = parts;
  }

  async provide(asset: Parameters<Discovery["provide"]>[0]): Promise<void> {
    const cids = [cidOf(assetKey(asset.id))];
    for (let resolution = 0; resolution <= Math.min(finestResolution, cellResolution(asset.cell)); resolution++) {
      cids.push(cidOf(placeKey(asset.kind, cellParent(asset.cell, resolution))));
    }
    this.#provided.set(keyOf(asset.id), cids);
    for (const cid of cids) {
      // Provider records are announced again by kad-dht itself until the reprovide is cancelled.
      for await (const _ of this.#parts.host.services.dht.provide(cid, { signal: AbortSignal.timeout(provideMs) }));
    }
  }

  async withdraw(asset: AssetId): Promise<void> {
    const cids = this.#provided.get(keyOf(asset)) ?? [];
    this.#provided.delete(keyOf(asset));
    const others = [...this.#provided.values()].flat();
    for (const cid of cids) {
      if (!others.some((other) => other.equals(cid))) await this.#parts.host.services.dht.cancelReprovide(cid);
    }
  }

  async *find(query: AssetQuery, signal: AbortSignal): AsyncIterable<AccountId> {
    const finest = cellResolution(query.cell);
    const seen = new Set<string>();
    for (let resolution = finest; resolution >= Math.min(finest, query.widenTo ?? finest); resolution--) {
      yield* this.#providers(cidOf(placeKey(query.kind, cellParent(query.cell, resolution))), seen, signal);
    }
  }

  async *findAsset(asset: AssetId, signal: AbortSignal): AsyncIterable<AccountId> {
    yield* this.#providers(cidOf(assetKey(asset)), new Set(), signal);
  }

  async *#providers(cid: CID, seen: Set<string>, signal: AbortSignal): AsyncIterable<AccountId> {
    const { host } = this.#parts;
    for await (const event of host.services.dht.findProviders(cid, { signal })) {
      if (event.name !== "PROVIDER" && event.name !== "PEER_RESPONSE") continue;
      for (const { id } of event.name === "PROVIDER" ? event.providers : (event.providers ?? [])) {
        if (seen.has(id.toString()) || seen.size >= findPerCallMax) continue;
        seen.add(id.toString());
        const account = await this.#reach(id, signal);
        if (account !== undefined) yield account;
      }
    }
  }

  async #reach(peer: PeerId, signal: AbortSignal): Promise<AccountId | undefined> {
    const { host, bindings, log } = this.#parts;
    if (peer.equals(host.peerId)) return undefined;
    try {
      const known = bindings.boundAccount(peer.toString());
      if (known !== undefined) return known;
      await host.dial(peer, { signal });
      return await bindings.accountOf(peer);
    } catch (cause) {
      log.debug("a provider cannot be reached", { peer: peer.toString(), cause: String(cause) });
      return undefined;
    }
  }
}
