// The node's network from its configuration and its folder: files are read here, the ledger's committee keeps its places.
import { readFile } from "node:fs/promises";
import type { Config, DataFolder } from "../config/index.ts";
import type { Verifier } from "../crypto/index.ts";
import type { OperatorKeys } from "../native/index.ts";
import { systemClock } from "../native/index.ts";
import { createNetwork, type Network, type NetworkOptions, openPeerDatastore } from "../network/index.ts";
import type { Log, Metrics } from "../ports/index.ts";
import { type Bytes, FairmeshError } from "../primitives/index.ts";
import type { LedgerApplication } from "../runtime/application/index.ts";
import { bindingView } from "./binding-view.ts";
import { auditRateOf, linksOf } from "./link.ts";

export interface NetworkContext {
  readonly config: Config;
  readonly folder: DataFolder;
  readonly keys: Pick<OperatorKeys, "peerSeed" | "signer">;
  readonly verifier: Verifier;
  readonly application: LedgerApplication;
  readonly log: Log;
  readonly metrics: Metrics;
}

const bytesOfMbit = (mbit: number): number => (mbit * 1_000_000) / 8;

async function readSwarmKey(path: string): Promise<{ readonly swarmKey?: Bytes }> {
  if (path === "") return {};
  const swarmKey = await readFile(path).catch((cause: unknown) => {
    throw new FairmeshError("SWARM_KEY_MISSING", `${path} cannot be read (network.swarmKeyFile)`, { cause });
  });
  // Three lines: what it is, how it is written, and 32 bytes.
  if (!/^\/key\/swarm\/psk\/1\.0\.0\/\r?\n\/base16\/\r?\n[0-9a-f]{64}\s*$/.test(swarmKey.toString("latin1"))) {
    throw new FairmeshError("SWARM_KEY_DAMAGED", `${path} is not a libp2p swarm key (network.swarmKeyFile)`);
  }
  return { swarmKey };
}

async function optionsOf(config: Config, log: Log): Promise<NetworkOptions> {
  const { network, assets } = config;
  const { listen, announce, bootstrap, oneMachine, strictPostQuantum, connectionsMax, connectionsPerHostMax } = network;
  const { mdns, relay, relayServer, upnp } = network;
  const audits = auditRateOf(config, await linksOf());
  if (audits.short) {
    const { linkMbit, mbit } = audits;
    log.warn("audits will find less bandwidth than is offered: see network.linkMbit and network.auditSharePercent", {
      ...{ offeredMbit: assets.bandwidthMbit, linkMbit, auditsMbit: mbit },
    });
  }
  return {
    ...{ listen, announce, bootstrap, oneMachine, strictPostQuantum, connectionsMax, connectionsPerHostMax },
    ...{ mdns, relay, relayServer, upnp },
    providersOfPeerMax: network.providersOfPeerMax,
    answersPerSecond: bytesOfMbit(network.answersMbit),
    answersPerPeerPerSecond: bytesOfMbit(network.answersPerPeerMbit),
    auditsPerSecond: bytesOfMbit(audits.mbit),
    ...(await readSwarmKey(network.swarmKeyFile)),
  };
}

/** Made, not started; whoever has a seat keeps a place from then on. Stopping it closes its peer store. */
export async function joinNetwork(context: NetworkContext): Promise<Network> {
  const { config, folder, keys, verifier, application, metrics } = context;
  const log = context.log.child({ part: "network" });
  const options = await optionsOf(config, log);
  const datastore = await openPeerDatastore(folder.peers, log);
  const network = await createNetwork({
    networkId: application.networkId,
    options,
    peerSeed: keys.peerSeed,
    signer: keys.signer,
    verifier,
    view: bindingView(application, systemClock),
    bindingSeq: Math.floor(systemClock.nowMs() / 1000),
    log,
    metrics,
    datastore,
  });
  reserveForCommittee(application, network);
  return {
    ...network,
    async stop() {
      await network.stop();
      await datastore.close();
    },
  };
}

function reserveForCommittee(application: LedgerApplication, network: Network): void {
  let reservedTerm = -1;
  const reserve = (): void => {
    const { term } = application.tip().facts;
    if (term === reservedTerm) return;
    reservedTerm = term;
    const seats = [term, term + 1].flatMap((each) => application.committee(each)?.record.seats ?? []);
    network.reserve(
      seats.flatMap(({ operator }) => {
        const peerId = application.queries.operator(operator)?.peerId;
        return peerId === undefined || peerId.length === 0 ? [] : [peerId];
      }),
    );
  };
  reserve();
  application.onCommit(reserve);
}
