// What libp2p writes down on behalf of others, with the quotas that it lacks: so many provider records of one peer, and of all;
// what is beyond is refused, what was there stays. So many peers; the one longest unheard of makes room.
import { MemoryDatastore } from "datastore-core";
import { type Datastore, Key } from "interface-datastore";
import { FairmeshError } from "../primitives/index.ts";

export const dhtPrefix = "/dht";
const providerPrefix = `${dhtPrefix}/provider/`;
const peerPrefix = "/peers/";

export const storedMax = { providers: 262_144, peers: 16_384 } as const;

/** The peer that a provider record's key names: its last part. */
const ownerOf = (key: string): string => key.slice(key.lastIndexOf("/") + 1);

/** How much there is, by what the keys say. */
class Ledger {
  readonly #providers = new Map<string, number>();
  #providersTotal = 0;
  /** In the order in which they were last written. */
  readonly #peers = new Set<string>();
  readonly #providersOfPeerMax: number;

  constructor(providersOfPeerMax: number) {
    this.#providersOfPeerMax = providersOfPeerMax;
  }

  noteProvider(key: string, by: 1 | -1): void {
    const owner = ownerOf(key);
    const left = (this.#providers.get(owner) ?? 0) + by;
    if (left > 0) this.#providers.set(owner, left);
    else this.#providers.delete(owner);
    this.#providersTotal += by;
  }

  roomForProvider(key: string): boolean {
    if (this.#providersTotal >= storedMax.providers) return false;
    return (this.#providers.get(ownerOf(key)) ?? 0) < this.#providersOfPeerMax;
  }

  /** Notes a peer; answers the key of the one that has to go for it. */
  notePeer(key: string): string | undefined {
    this.#peers.delete(key);
    this.#peers.add(key);
    return this.#peers.size > storedMax.peers ? this.#peers.values().next().value : undefined;
  }

  dropPeer(key: string): void {
    this.#peers.delete(key);
  }
}

export interface BoundParts {
  /** This node: what it says of itself is bounded by what it serves. */
  readonly self: string;
  readonly providersOfPeerMax: number;
  /** Hears of the peer whose provider record there was no room for. */
  readonly onRefused: (peer: string) => void;
}

/** `given` within bounds; memory when nothing is given. */
export async function boundDatastore(
  given: Datastore | undefined,
  { self, providersOfPeerMax, onRefused }: BoundParts,
): Promise<Datastore> {
  const store = given ?? new MemoryDatastore();
  const ledger = new Ledger(providersOfPeerMax);
  for await (const key of store.queryKeys({ prefix: providerPrefix })) ledger.noteProvider(key.toString(), 1);
  for await (const key of store.queryKeys({ prefix: peerPrefix })) ledger.notePeer(key.toString());
  const remove: Datastore["delete"] = async (key, options) => {
    const text = key.toString();
    ledger.dropPeer(text);
    if (text.startsWith(providerPrefix) && (await store.has(key, options))) ledger.noteProvider(text, -1);
    await store.delete(key, options);
  };
  const put: Datastore["put"] = async (key, value, options) => {
    const text = key.toString();
    if (text.startsWith(peerPrefix)) {
      const oldest = ledger.notePeer(text);
      if (oldest !== undefined) await remove(new Key(oldest));
    } else if (text.startsWith(providerPrefix) && !(await store.has(key, options))) {
      if (ownerOf(text) !== self && !ledger.roomForProvider(text)) {
        onRefused(ownerOf(text));
        throw new FairmeshError("QUOTA_EXCEEDED", "no more provider records are kept");
      }
      ledger.noteProvider(text, 1);
    }
    return store.put(key, value, options);
  };
  return new Proxy(store, {
    get: (target, name) => {
      if (name === "put") return put;
      if (name === "delete") return remove;
      const member: unknown = Reflect.get(target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}
