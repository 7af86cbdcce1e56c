// Where libp2p keeps the peers it met, and we who is banned: a LevelDB of its own, because nothing in it matters. One that is
// damaged is put aside and begun anew. Opened by the composition root, closed by it after the network has stopped.
import { rename } from "node:fs/promises";
import { LevelDatastore } from "datastore-level";
import { Key } from "interface-datastore";
import type { Log } from "../ports/index.ts";
import { utf8ToBytes } from "../primitives/index.ts";
import { type Ban, bansMax } from "./standing.ts";

/**
 * libp2p still writes, and waits for nobody, while it stops: what comes after the end is let go. And it gives its reads up then,
 * takes a peer that it could not read for unknown, and writes the news alone over all that it knew: so reads are not given up.
 */
class ForgivingDatastore extends LevelDatastore {
  #closed = false;

  override get(key: Key): Promise<Uint8Array> {
    return super.get(key);
  }

  override async put(...[key, value]: Parameters<LevelDatastore["put"]>): Promise<Key> {
    await this.#unlessClosed(() => super.put(key, value));
    return key;
  }

  override delete(key: Key): Promise<void> {
    return this.#unlessClosed(() => super.delete(key));
  }

  async #unlessClosed(write: () => Promise<unknown>): Promise<void> {
    if (this.#closed) return;
    try {
      await write();
    } catch (error) {
      if (!this.#closed) throw error;
    }
  }

  override async close(): Promise<void> {
    this.#closed = true;
    await super.close();
  }
}

export type PeerDatastore = LevelDatastore;

const bansKey = new Key("/fairmesh/bans");

export async function openPeerDatastore(path: string, log: Log): Promise<PeerDatastore> {
  const open = async (): Promise<LevelDatastore> => {
    const store = new ForgivingDatastore(path);
    await store.open();
    return store;
  };
  try {
    return await open();
  } catch (cause) {
    if (/lock/i.test(String(cause))) throw cause;
    log.warn("the peer store cannot be opened and is begun anew", { path, cause: String(cause) });
    await rename(path, `${path}.damaged-${Date.now()}`).catch(() => {});
    return open();
  }
}

/** The bans written down, those that read as such. */
export async function loadBans(store: PeerDatastore | undefined): Promise<readonly Ban[]> {
  try {
    const found: unknown = JSON.parse(new TextDecoder().decode(await store?.get(bansKey)));
    return Array.isArray(found) ? found.filter(isBan).slice(-bansMax) : [];
  } catch {
    return [];
  }
}

export async function saveBans(store: PeerDatastore, bans: readonly Ban[]): Promise<void> {
  await store.put(bansKey, utf8ToBytes(JSON.stringify(bans)));
}

function isBan(value: unknown): value is Ban {
  const { peer, reason, untilMs } = value as Ban;
  return typeof peer === "string" && typeof reason === "string" && Number.isSafeInteger(untilMs);
}
