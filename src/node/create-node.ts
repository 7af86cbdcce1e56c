// The composition root: the only place where parts are wired. Opens what is on the disk, joins the network, and drives
// consensus, duties and RPC until it is stopped. Every part is given what it needs and nothing more.
import { mkdir, readFile } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { setImmediate } from "node:timers/promises";
import { type Config, type DataFolder, parseGenesis } from "../config/index.ts";
import type { HashChain } from "../crypto/index.ts";
import { createVerifier, createWorkerCompute, systemClock, systemRandom } from "../native/index.ts";
import type { Network } from "../network/index.ts";
import type { Log } from "../ports/index.ts";
import {
  type AccountId,
  digest,
  FairmeshError,
  formatAddress,
  fromHex,
  invariant,
  keyOf,
  toHex,
} from "../primitives/index.ts";
import { createRpcServer, type RpcServer } from "../rpc/index.ts";
import { AlertBoard } from "../runtime/alerts/index.ts";
import type { LedgerApplication } from "../runtime/application/index.ts";
import { composeWhole, openApplication, type Whole } from "../runtime/whole/index.ts";
import { type Genesis, readParameters } from "../schema/index.ts";
import { createBandwidthService, createStorageService, type Service } from "../services/index.ts";
import { createFileVolume, openGuard, openLevelStore } from "../storage/index.ts";
import { createLog, createMetrics } from "../telemetry/index.ts";
import { blobActions } from "./blob-actions.ts";
import { dashboardFiles } from "./dashboard-files.ts";
import { bringForward } from "./data-version.ts";
import { joinNetwork } from "./join-network.ts";
import { serveMetrics } from "./metrics-server.ts";
import { offersOf } from "./offers.ts";
import { openOperatorKey } from "./offline-keys.ts";
import { rpcView } from "./rpc-view.ts";
import { tokenSecret } from "./token-secret.ts";
import { NodeWatch } from "./watch-node.ts";

export interface NodeOptions {
  readonly config: Config;
  readonly folder: DataFolder;
  readonly password: string;
  readonly version: string;
  /** The node cannot go on: the process should end. */
  readonly onFailure: (error: unknown) => void;
  /** Peers let go of the blocks that this node needs after `height`: begun anew, it joins by state, if it can. */
  readonly onLeftBehind: (height: number) => void;
}

export interface RunningNode {
  readonly address: string;
  readonly log: Log;
  start(): Promise<void>;
  stop(): Promise<void>;
}

async function readGenesis(path: string) {
  try {
    return parseGenesis(await readFile(path, "utf8"));
  } catch (cause) {
    if (cause instanceof FairmeshError) throw cause;
    throw new FairmeshError("GENESIS_MISSING", `${path} cannot be read: copy your network's genesis file there`, {
      cause,
    });
  }
}

/** Chains by generation, each made once. */
function chainsOf(make: (generation: number) => HashChain): (generation: number) => HashChain {
  const made = new Map<number, HashChain>();
  return (generation) => {
    const known = made.get(generation) ?? make(generation);
    made.set(generation, known);
    return known;
  };
}

async function openParts({ config, folder, password }: NodeOptions) {
  const log = createLog({ level: config.log.level, format: config.log.format });
  const metrics = createMetrics({ processMetrics: true });
  const genesis = await readGenesis(folder.genesis);
  await bringForward(folder);
  const { keys } = await openOperatorKey(folder.operatorKey, password);
  const verifier = createVerifier({ keysMax: config.limits.verifierKeys, inFlightMax: config.limits.verifierInFlight });
  const store = await openLevelStore(folder.database);
  const guard = await openGuard(folder.guard, keys.signer.accountId);
  if (guard.reason !== undefined) log.warn("the vote guard is not whole; this node observes", { reason: guard.reason });
  const chainLength = genesis.operators.find((operator) => keyOf(operator.peerId) === keyOf(keys.peerId))?.chainLength;
  const parameters = readParameters(genesis.parameters);
  invariant(parameters.ok, "a genesis file that was read has whole parameters");
  const length = chainLength ?? parameters.value.beaconChainMin;
  const chains = {
    length,
    beacon: chainsOf((generation) => keys.beaconChain(length, generation)),
    auditor: chainsOf((generation) => keys.auditorChain(length, generation)),
  };
  const mempool = { bytesMax: config.limits.mempoolBytes };
  const kept = { genesis, chains, mempool, archive: config.node.archive, breathe: () => setImmediate() };
  const application = await openApplication({ store, verifier }, kept);
  return { log, metrics, genesis, keys, verifier, store, guard, application, chains };
}

type Opened = Awaited<ReturnType<typeof openParts>>;

/** Sectors of others made again at once: half the cores and an eighth of the memory, unless it is set. */
const inspectorsOf = (set: number, sectorBytes: number): number =>
  set > 0
    ? set
    : Math.max(1, Math.min(Math.floor(availableParallelism() / 2), Math.floor(totalmem() / 8 / sectorBytes)));

async function servicesOf({ folder, config }: NodeOptions, application: LedgerApplication) {
  await mkdir(folder.assets, { recursive: true, mode: 0o700 });
  const volume = createFileVolume(folder.assets, { reserveBytes: config.assets.reserveBytes });
  const sectorBytes = application.parameters.storageUnitBytes;
  const atOnce = inspectorsOf(config.limits.inspectionsAtOnce, sectorBytes);
  const inspector = { compute: createWorkerCompute(atOnce), atOnce };
  const services: readonly Service[] = [
    createStorageService({ volume, compute: createWorkerCompute(), inspector, sectorBytes, clock: systemClock }),
    createBandwidthService({ clock: systemClock }),
  ];
  return {
    service: (kind: string) => services.find((service) => service.kind === kind),
    room: { volume, tenantBytes: config.assets.tenantBytes },
  };
}

/** How this node begins when it is far behind. */
function joinOf({ node }: Config, genesis: Genesis, network: Network) {
  if (node.sync === "blocks") return {};
  const hex = node.checkpoint.replace(/^0x/, "");
  return {
    join: {
      genesis,
      checkpoint: hex === "" ? undefined : digest(fromHex(hex)),
      onLie: (from: AccountId, detail: string) => network.report(from, "false-answer", detail),
      onSlow: (from: AccountId) => network.report(from, "slow-answer"),
    },
  };
}

/** Opens everything; nothing is sent before `start`. Rejects with what is wrong and what to do. */
export async function createNode(options: NodeOptions): Promise<RunningNode> {
  const opened = await openParts(options);
  const { log, metrics, keys, application, store, guard, verifier } = opened;
  const network = await joinNetwork({ ...options, ...opened });
  const { transport, discovery } = network;
  const { signer } = keys;
  const { folder, config, onFailure, onLeftBehind } = options;
  const whole = composeWhole(
    { store, guard, transport, discovery, clock: systemClock, random: systemRandom, log, metrics, signer, verifier },
    {
      ...{ application, chains: opened.chains },
      ...(await servicesOf(options, application)),
      offers: offersOf(config, application.parameters),
      addresses: () => network.addresses(),
      voting: config.node.vote,
      ...joinOf(config, opened.genesis, network),
      observed: { onFailure, onPeerFault: (peer, code) => network.report(peer, "false-answer", code) },
    },
  );
  const { driver, view } = whole;
  const alerts = new AlertBoard({ log: log.child({ part: "alerts" }), metrics });
  if (config.node.sync === "state") {
    alerts.onChange(({ code, raised }) => {
      if (code === "blocks-gone" && raised) onLeftBehind(application.tip().facts.height);
    });
  }
  const { freeBytes } = createFileVolume(folder.root);
  const watch = new NodeWatch({
    application,
    view,
    board: alerts,
    clock: systemClock,
    account: signer.accountId,
    status: () => driver.status(),
    joining: whole.joining,
    peers: () => transport.peers().length,
    faultsOf: whole.faultsOf,
    freeBytes,
    reserveBytes: config.assets.reserveBytes,
    metrics,
    log,
  });
  const server = await rpcServer(options, opened, { network, whole, alerts, watch });
  const metricsServer = serveMetrics(config.metrics, metrics);
  return lifecycle({ opened, network, whole, watch, server, metricsServer });
}

async function rpcServer(
  { config, folder, version }: NodeOptions,
  { application, keys, verifier, genesis, log, metrics }: Opened,
  {
    network,
    whole,
    alerts,
    watch,
  }: {
    readonly network: Network;
    readonly whole: Whole;
    readonly alerts: AlertBoard;
    readonly watch: NodeWatch;
  },
): Promise<RpcServer | undefined> {
  if (!config.rpc.enabled) return undefined;
  const startedMs = systemClock.monotonicMs();
  const node = rpcView({
    ...{ application, network, alerts },
    ...whole,
    blobs: blobActions(whole.tenant, createFileVolume(folder.transfer)),
    account: keys.signer.accountId,
    version,
    networkName: new TextDecoder().decode(genesis.name),
    verifier,
    catchingUp: () => watch.catchingUp(),
    uptimeMs: () => Math.round(systemClock.monotonicMs() - startedMs),
    audits: () => whole.duties.counts(),
    offers: () =>
      whole.offers().map(({ id, kind, units, state, preparedPpm }) => ({ id, kind, units, state, preparedPpm })),
  });
  const secret = await tokenSecret(config, folder);
  return createRpcServer({
    node,
    options: { ...config.rpc, tokenSecret: secret },
    version,
    log,
    metrics: metrics,
    nowMs: systemClock.monotonicMs,
    dashboard: config.rpc.dashboard ? dashboardFiles() : undefined,
  });
}

interface Lifecycle {
  readonly opened: Opened;
  readonly network: Network;
  readonly whole: Whole;
  readonly watch: NodeWatch;
  readonly server: RpcServer | undefined;
  readonly metricsServer: ReturnType<typeof serveMetrics>;
}

function lifecycle({ opened, network, whole, watch, server, metricsServer }: Lifecycle): RunningNode {
  const { log, keys, store, guard, application } = opened;
  const address = formatAddress(keys.signer.accountId);
  let stopping: Promise<void> | undefined;
  const stopAll = async (): Promise<void> => {
    log.info("stopping");
    watch.stop();
    await server?.stop();
    await metricsServer.stop();
    await whole.stop();
    await network.stop();
    await guard.close();
    await store.close();
    log.info("stopped");
  };
  return {
    address,
    log,
    async start() {
      await whole.start();
      await network.start();
      watch.start();
      // Last: who is answered finds a node that listens.
      await metricsServer.start();
      const url = await server?.start();
      const { height } = application.tip().facts;
      log.info("started", { address, network: toHex(application.networkId).slice(0, 12), height, rpc: url });
    },
    stop: () => (stopping ??= stopAll()),
  };
}
