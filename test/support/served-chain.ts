// A chain of real blocks some way beyond a term's end, what a node that followed it serves, and a fresh node that may join it.
// Peers 1, 2, ... each have a source of their own, so that some can lie.
import { cheapVerifier } from "../../simulation/environment/cheap-signer.ts";
import { sha256 } from "../../src/crypto/index.ts";
import type { Clock, Store, Transport } from "../../src/ports/index.ts";
import {
  type AccountId,
  accountId,
  type Bytes,
  bigEndian,
  type Digest,
  fair,
  grains,
} from "../../src/primitives/index.ts";
import type { LedgerApplication } from "../../src/runtime/application/index.ts";
import { adoptedTerm } from "../../src/runtime/driver/index.ts";
import { type AskingParts, type FetchSource, StateSnapshots, serveFetches } from "../../src/runtime/fetch/index.ts";
import { StateJoin } from "../../src/runtime/sync/index.ts";
import { chainSource } from "../../src/runtime/whole/serve-network.ts";
import type { Parameters } from "../../src/schema/index.ts";
import { createMemoryStore } from "./memory-store.ts";
import { createMemoryLog, type LogLine } from "./memory-telemetry.ts";
import { MemoryNetwork } from "./memory-transport.ts";
import { quietMetrics } from "./quiet-ports.ts";
import { quickSigner, TestChain, type TestOperator } from "./test-chain.ts";

const peerOf = (number: number): AccountId => accountId(new Uint8Array(32).fill(number));

/** Time stands still until somebody waits for it; then it jumps there. */
export function jumpingClock(startMs: number): Clock {
  let nowMs = startMs;
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    async sleep(ms) {
      await new Promise((resolve) => setImmediate(resolve));
      nowMs += ms;
    },
    at: () => () => {},
  };
}

export interface ServedChain {
  readonly chain: TestChain;
  readonly snapshots: StateSnapshots;
  readonly source: FetchSource;
  /** The term whose end is the newest that is served. */
  readonly term: number;
  readonly height: number;
}

/** Accounts with which a state has several chunks. */
export const manyAccounts = 4_000;

/** Runs a chain to the end of `terms` terms and three blocks on, everyone auditing; two assets of each operator earn. */
export async function servedChain(
  terms: number,
  {
    parameters = {},
    accountsMore = 0,
  }: { readonly parameters?: Partial<Parameters>; readonly accountsMore?: number } = {},
): Promise<ServedChain> {
  const others = Array.from({ length: accountsMore }, (_, index) => accountId(sha256(bigEndian(index))));
  const tenant = quickSigner("tenant");
  const accounts = [tenant.accountId, ...others];
  const supplyAtGenesis = fair(10_000_000);
  const chain = await TestChain.create({
    accounts,
    parameters: { trustingEpochs: 64, supplyAtGenesis, ...parameters },
  });
  const snapshots = new StateSnapshots(createMemoryStore());
  let kept: Promise<void> = Promise.resolve();
  chain.app.onCommit(({ facts, state }) => {
    if (facts.lastOfTerm) kept = snapshots.keep(facts.height, state);
  });
  for (const operator of chain.operators) await chain.registerAsset(operator);
  // A key that genesis does not have.
  const [first] = chain.operators as readonly [TestOperator];
  await chain.send(tenant, { kind: "transfer", value: { to: first.account, amount: grains(1n) } });
  const { termEpochs, epochBlocks } = chain.parameters;
  await chain.runTo(terms * termEpochs - 1);
  for (let more = 0; more < 3; more++) await chain.block();
  await kept;
  const source = chainSource(chain.app, snapshots);
  return { chain, snapshots, source, term: terms - 1, height: terms * termEpochs * epochBlocks };
}

export interface Joiner {
  readonly app: LedgerApplication;
  readonly store: Store;
  readonly snapshots: StateSnapshots;
  readonly join: StateJoin;
  readonly parts: AskingParts;
  readonly lies: string[];
  readonly slow: string[];
  readonly logged: readonly LogLine[];
}

const spoiling = (
  transport: Transport,
  spoil: ((...of: [number, string, Bytes, number]) => Bytes) | undefined,
): Transport =>
  spoil === undefined
    ? transport
    : {
        ...transport,
        async *request(to, protocol, bytes, signal) {
          let index = 0;
          for await (const item of transport.request(to, protocol, bytes, signal))
            yield spoil(to[0] as number, protocol, item, index++);
        },
      };

/** A node with an empty disk (or `store`) among peers that serve `sources`. */
export async function joiner(
  { chain }: ServedChain,
  sources: readonly FetchSource[],
  options: {
    readonly store?: Store;
    readonly checkpoint?: Digest;
    readonly clock?: Clock;
    /** Changes an item of an answer on its way. */
    readonly spoil?: (from: number, protocol: string, bytes: Bytes, index: number) => Bytes;
  } = {},
): Promise<Joiner> {
  const network = new MemoryNetwork();
  for (const [index, source] of sources.entries()) serveFetches(network.join(peerOf(index + 1)), source);
  const store = options.store ?? createMemoryStore();
  const app = await chain.open(store);
  const snapshots = new StateSnapshots(store);
  await snapshots.load();
  const lies: string[] = [];
  const slow: string[] = [];
  const log = createMemoryLog();
  const parts: AskingParts = {
    transport: spoiling(network.join(peerOf(99)), options.spoil),
    clock: options.clock ?? jumpingClock(chain.app.tip().facts.timestampMs + 1000),
    onLie: (from, detail) => void lies.push(`${from[0]}: ${detail}`),
    onSlow: (from) => void slow.push(String(from[0])),
  };
  const join = new StateJoin({
    ...parts,
    ...{ application: app, snapshots, genesis: chain.genesis, verifier: cheapVerifier, metrics: quietMetrics },
    log,
    checkpoint: options.checkpoint,
    alongside: (finalization) => adoptedTerm(store, finalization),
  });
  return { app, store, snapshots, join, parts, lies, slow, logged: log.lines };
}
