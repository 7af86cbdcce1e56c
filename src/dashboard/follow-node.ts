// Keeps the page's sight of its node current: asks and watches over one WebSocket, and says so when the node cannot be reached.
// Numbered scenario: (1) node_status answers; (2) what changes slowly is asked once; (3) four subscriptions are opened, which
// the client resumes over reconnections by itself; (4) the status is asked every few seconds; when it fails the page says "not
// connected" and asks again with growing pauses; (5) once it answers again, 2 is done again. Only reads, and never holds a token.
import {
  type Client,
  ClientError,
  listAll,
  type NodeStatus,
  watchAlerts,
  watchCapacity,
  watchEpochs,
  watchHeads,
} from "../client/index.ts";
import {
  blocksMax,
  concentrationMax,
  epochsMax,
  heldMax,
  type NodeSight,
  nothingSeen,
  withAlert,
  withBlock,
  withConcentration,
  withEpoch,
  withItem,
} from "./sight.ts";

const askMs = 3_000;
const pauseFirstMs = 1_000;
const pauseMaxMs = 15_000;
const pageSize = 500;

const unauthorized = -32_002;

function whyLost(error: unknown): string {
  if (!(error instanceof ClientError)) return "the node's answer could not be read";
  if (error.rpcCode === unauthorized) return "this node asks for a token to be read, and the dashboard takes none";
  return error.shortMessage;
}

/** The first `heldMax` items of a list by their ids. */
async function firstOf<T>(items: AsyncIterable<T>, idOf: (item: T) => string): Promise<ReadonlyMap<string, T>> {
  const found = new Map<string, T>();
  for await (const item of items) {
    found.set(idOf(item), item);
    if (found.size === heldMax) break;
  }
  return found;
}

export class FollowedNode {
  readonly #client: Client;
  readonly #onChange: (sight: NodeSight) => void;
  #sight = nothingSeen;
  #watches: readonly (() => void)[] = [];
  /** Blocks above this height came as they became final. */
  #liveFrom = 0;
  #pauseMs = pauseFirstMs;

  constructor(client: Client, onChange: (sight: NodeSight) => void) {
    this.#client = client;
    this.#onChange = onChange;
  }

  start(): void {
    void this.#look();
  }

  #change(change: Partial<NodeSight>): void {
    this.#sight = { ...this.#sight, ...change };
    this.#onChange(this.#sight);
  }

  async #look(): Promise<void> {
    let pauseMs = askMs;
    try {
      const status = await this.#client.request("node_status");
      const before = this.#sight;
      if (before.status !== undefined && before.status.networkId !== status.networkId) {
        this.#unwatch();
        this.#sight = nothingSeen;
      }
      if (this.#sight.connection.state !== "connected") {
        this.#liveFrom = status.height;
        await this.#ask(status);
      }
      const peers = await this.#client.request("node_peers");
      this.#change({ connection: { state: "connected" }, status, peers });
      if (this.#watches.length === 0) this.#watch(status);
      this.#pauseMs = pauseFirstMs;
    } catch (error) {
      const { connection } = this.#sight;
      const sinceMs = connection.state === "lost" ? connection.sinceMs : Date.now();
      this.#change({ connection: { state: "lost", why: whyLost(error), sinceMs } });
      pauseMs = this.#pauseMs;
      this.#pauseMs = Math.min(this.#pauseMs * 2, pauseMaxMs);
    }
    setTimeout(() => void this.#look(), pauseMs);
  }

  async #ask({ epoch }: NodeStatus): Promise<void> {
    const client = this.#client;
    const [parameters, alerts, concentration] = await Promise.all([
      client.request("params_get"),
      client.request("node_alerts"),
      client.request("concentration_history", {
        fromEpoch: Math.max(0, epoch - concentrationMax),
        limit: concentrationMax,
      }),
    ]);
    const settled = concentration.slice(-epochsMax).map(({ epoch }) => epoch);
    const epochs = await Promise.all(settled.map((epoch) => client.request("reward_getEpoch", { epoch })));
    this.#change({ parameters, alerts, concentration, epochs: epochs.reduce(withEpoch, []) });
    await this.#askAssets();
  }

  /** Assets, and what is advertised and proved of them: `heldMax` of each. */
  async #askAssets(): Promise<void> {
    const client = this.#client;
    const all = { limit: pageSize };
    const assets = await firstOf(listAll(client, "asset_list", all), ({ id }) => id);
    const capacities = await firstOf(listAll(client, "capacity_list", all), ({ assetId }) => assetId);
    const proofs = await firstOf(listAll(client, "proof_list", all), ({ assetId }) => assetId);
    this.#change({ assets, assetsLeft: assets.size === heldMax, capacities, proofs });
  }

  /** Opened again after the node ends one of them, at the next look. */
  #watch({ height, blocksFrom }: NodeStatus): void {
    const client = this.#client;
    const onError = (): void => this.#unwatch();
    const fromHeight = Math.max(1, blocksFrom, height - blocksMax);
    this.#watches = [
      watchHeads(client, {
        fromHeight,
        onError,
        onEvent: (head) => {
          const heardMs = head.height > this.#liveFrom ? Date.now() : undefined;
          this.#change({ blocks: withBlock(this.#sight.blocks, head, heardMs) });
        },
      }),
      watchEpochs(client, {
        onError,
        onEvent: (record) => {
          const { epochs, concentration } = this.#sight;
          this.#change({
            epochs: withEpoch(epochs, record),
            concentration: withConcentration(concentration, record),
          });
          this.#askAssets().catch(() => {}); // The next look notices a node that is gone.
        },
      }),
      watchCapacity(client, {
        onError,
        onEvent: (each) => this.#change({ capacities: withItem(this.#sight.capacities, each.assetId, each) }),
      }),
      watchAlerts(client, {
        onError,
        onEvent: (alert) => this.#change({ alerts: withAlert(this.#sight.alerts, alert) }),
      }),
    ];
  }

  #unwatch(): void {
    for (const stop of this.#watches) stop();
    this.#watches = [];
  }
}
