// Wires what a node does over its ports: consensus over the ledger, gossip and fetches, assets, audits, chains. The composition
// root (src/node) gives it the real world, the simulator its own; nothing here knows which.
import { timingOf } from "../../consensus/index.ts";
import type { Log } from "../../ports/index.ts";
import { type AssetId, equalBytes } from "../../primitives/index.ts";
import type { Genesis, Parameters, TransactionBody } from "../../schema/index.ts";
import { createApplication, type LedgerApplication, type MempoolLimits } from "../application/index.ts";
import type { CapacityBook } from "../capacity/index.ts";
import { createDriver, type Driver } from "../driver/index.ts";
import { AssetKeeper, ChainKeeper, Duties, type DutyView } from "../duties/index.ts";
import { StateSnapshots } from "../fetch/index.ts";
import { composeBlobs, type ProofBook, type Tenant } from "../services/index.ts";
import type { JoinStatus } from "../sync/index.ts";
import { beginning } from "./beginning.ts";
import { dutyView } from "./chain-views.ts";
import { serveNetwork } from "./serve-network.ts";
import { Submitter } from "./submitter.ts";
import type { OperatorChains, WholeParts, WholePorts } from "./whole-parts.ts";

export interface Whole {
  readonly driver: Driver;
  readonly duties: Duties;
  readonly submitter: Submitter;
  readonly capacity: CapacityBook;
  readonly proofs: ProofBook;
  readonly tenant: Tenant;
  readonly view: DutyView;
  /** How far a join by state is; undefined when none is under way. */
  joining(): JoinStatus | undefined;
  /** The assets that this node offers, and how far each has come. */
  offers(): ReturnType<AssetKeeper["assets"]>;
  /** What was lately found damaged of an own asset. */
  faultsOf(id: AssetId): readonly string[];
  start(): Promise<void>;
  /** Ends duties and then the driver; ports stay open. */
  stop(): Promise<void>;
}

/** Evidence waits so long for a block; others who saw the fault send it too. */
const evidenceBlocks = 256;

/** Terms behind the current one whose votes can still be punished (S-13), and one more: older guard segments go (L-9). */
export const guardTermsKept = ({ evidenceEpochs, termEpochs }: Parameters): number =>
  Math.ceil(evidenceEpochs / termEpochs) + 2;

/** Reads the chain from the store; reveals come from the operator's beacon chain. Rejects as `createApplication` does. */
export const openApplication = (
  { store, verifier }: Pick<WholePorts, "store" | "verifier">,
  {
    genesis,
    chains,
    archive,
    mempool,
    breathe,
  }: {
    readonly genesis: Genesis;
    readonly chains: OperatorChains;
    readonly archive?: boolean;
    readonly mempool?: Partial<MempoolLimits>;
    readonly breathe?: () => Promise<void>;
  },
): Promise<LedgerApplication> =>
  createApplication({
    genesis,
    store,
    verifier,
    archive: archive ?? false,
    ...(mempool === undefined ? {} : { mempool }),
    ...(breathe === undefined ? {} : { breathe }),
    beacon: {
      reveal: (generation, index) => {
        const chain = chains.beacon(generation);
        return index < chain.length ? chain.preimage(index) : undefined;
      },
    },
  });

/** Runs once for final blocks, one at a time, the newest only. */
function followBlocks(application: LedgerApplication, log: Log, run: () => Promise<void>): void {
  let running = false;
  let again = false;
  const follow = async (): Promise<void> => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    do {
      again = false;
      await run().catch((cause: unknown) => log.error("a duty failed", { cause: String(cause) }));
    } while (again);
    running = false;
  };
  application.onCommit(() => void follow());
  application.onCommit(({ record, facts }) => {
    if (record !== undefined)
      log.info("an epoch is settled", { epoch: record.epoch, height: facts.height, rewards: record.rewardsCount });
  });
}

/** Nothing is sent before `start`. */
export function composeWhole(ports: WholePorts, parts: WholeParts): Whole {
  const { transport, discovery, signer, verifier, store, clock, log, metrics } = ports;
  const { application, chains, service, offers, addresses, observed } = parts;
  const submitter = new Submitter({ application, signer, transport, log });
  const submit = (body: TransactionBody, lastHeight: number): Promise<void> => submitter.submit(body, lastHeight);
  const view = dutyView(application, { account: signer.accountId, auditorChain: chains.auditor, submit });
  const assets = () => keeper.assets().map(({ id }) => id);
  const blobs = composeBlobs({ ...ports, view, room: parts.room, assets, proofs: () => proofs });
  const duties = new Duties({
    ...{ view, transport, signer, verifier, service, store, clock, log, metrics },
    onAnswered: (...answered) => blobs.claims.onAnswered(...answered),
  });
  const renewal = new ChainKeeper({
    ...{ view, log },
    operator: () => application.queries.operator(signer.accountId),
    chains: (generation) => ({
      beaconCommitment: chains.beacon(generation).end,
      auditorCommitment: chains.auditor(generation).end,
      chainLength: chains.length,
    }),
  });
  const keeper = new AssetKeeper({
    ...{ view, signer, transport, discovery, log, service, offers },
    onAdvertised: (bytes) => void capacity.receive(bytes),
    usedUnits: (id) => blobs.usedUnits(id),
  });
  const snapshots = new StateSnapshots(store);
  const { capacity, proofs } = serveNetwork({
    ...{ transport, addresses, application, verifier, signer, assets, snapshots, clock, log },
    transcript: (request) => duties.transcript(request),
  });
  const { blockIntervalMs, deltaMs } = application.parameters;
  const driver = createDriver({
    ...ports,
    log: log.child({ part: "consensus" }),
    application,
    networkId: application.networkId,
    timing: timingOf(blockIntervalMs, deltaMs),
    voting: parts.voting,
    guardTermsKept: guardTermsKept(application.parameters),
    ...observed,
    onEvidence: (evidence, offender) => {
      observed.onEvidence?.(evidence, offender);
      const lastHeight = application.tip().facts.height + evidenceBlocks;
      submit({ kind: "evidence", value: { evidence } }, lastHeight).catch((cause: unknown) =>
        log.warn("evidence of a fault was not taken", { cause: String(cause) }),
      );
    },
  });
  followBlocks(application, log, async () => {
    await submitter.onBlock();
    await keeper.onBlock();
    await duties.onBlock();
    await renewal.onBlock();
    await blobs.onBlock();
  });
  const begin = beginning({
    ...ports,
    application,
    snapshots,
    driver,
    join: parts.join,
    onFailure: observed.onFailure,
  });
  return {
    ...{ driver, duties, submitter, capacity, proofs, view },
    tenant: blobs.tenant,
    joining: begin.joining,
    offers: () => keeper.assets(),
    faultsOf: (id: AssetId): readonly string[] => keeper.assets().find((kept) => equalBytes(kept.id, id))?.faults ?? [],
    async start() {
      await snapshots.load();
      await blobs.start();
      duties.start();
      await begin.start();
    },
    async stop() {
      duties.stop();
      keeper.stop();
      blobs.stop();
      await begin.stop();
    },
  };
}
