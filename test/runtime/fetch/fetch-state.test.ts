// A state from peers (L-6, S-11): taken from the one whose header is final by a trusted committee and whose chunks come to that
// header's root; whoever gives other blocks, a forged finalization, or chunks that are wrong in any way is reported.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { cheapVerifier } from "../../../simulation/environment/cheap-signer.ts";
import { exportState } from "../../../src/ledger/index.ts";
import { type AccountId, accountId, type Bytes, FairmeshError, keyOf } from "../../../src/primitives/index.ts";
import { type FetchSource, fetchState, StateSnapshots, serveFetches } from "../../../src/runtime/fetch/index.ts";
import {
  blockCodec,
  type Certificate,
  type CommitteeRecord,
  certificateCodec,
  stateChunkCodec,
} from "../../../src/schema/index.ts";
import { MemoryNetwork } from "../../support/memory-transport.ts";
import { TestChain } from "../../support/test-chain.ts";

const never = new AbortController().signal;
const peerOf = (number: number): AccountId => accountId(new Uint8Array(32).fill(number));
const epochBlocks = 12;
const height = 3 * epochBlocks;

/** A chain some blocks beyond the end of epoch 2, and what a node that followed it serves. */
async function served() {
  const chain = await TestChain.create();
  const snapshots = new StateSnapshots();
  chain.app.onCommit(({ lastOfEpoch, facts, state }) => {
    if (lastOfEpoch) snapshots.keep(facts.height, state);
  });
  for (const operator of chain.operators) await chain.registerAsset(operator);
  await chain.runTo(2);
  for (let more = 0; more < 5; more++) await chain.block();
  const { queries } = chain.app;
  const source: FetchSource = {
    block(at) {
      const block = queries.block(at);
      return block === undefined ? undefined : blockCodec.encode(block);
    },
    certificate(at) {
      const finalization = queries.finalization(at);
      return finalization === undefined ? undefined : certificateCodec.encode(finalization);
    },
    stateChunks: (request) => snapshots.chunks(request),
  };
  const { term } = (queries.block(height) as NonNullable<ReturnType<typeof queries.block>>).header;
  const committee = queries.committee(term)?.record as CommitteeRecord;
  return { chain, snapshots, source, trust: { networkId: chain.app.networkId, committee, verifier: cheapVerifier } };
}

const world = await served();

/** Asks peers 1, 2, ... in turn, each with a source of its own. */
async function askInTurn(...sources: readonly FetchSource[]) {
  const network = new MemoryNetwork();
  const lies: string[] = [];
  for (const [index, source] of sources.entries()) serveFetches(network.join(peerOf(index + 1)), source);
  const parts = {
    transport: network.join(peerOf(99)),
    onLie: (from: AccountId, detail: string) => void lies.push(`${from[0]}: ${detail}`),
  };
  const peers = sources.map((_, index) => peerOf(index + 1));
  const outcome = await fetchState(parts, { peers, height, trust: world.trust }, never).catch(
    (error: unknown) => error as FairmeshError,
  );
  return { outcome, lies };
}

const changed = (at: number, change: (bytes: Bytes) => Bytes): FetchSource => ({
  ...world.source,
  *stateChunks(request) {
    let index = request.fromIndex;
    for (const chunk of world.snapshots.chunks(request)) yield index++ === at ? change(chunk) : chunk;
  },
});

test("the last states of epochs are kept, the oldest goes", () => {
  assert.equal(world.snapshots.heights(), [2 * epochBlocks, 3 * epochBlocks]);
  assert.equal([...world.snapshots.chunks({ height: epochBlocks, fromIndex: 0 })], []);
});

test("a state is fetched whole, and is that of the header", async () => {
  const { outcome, lies } = await askInTurn(world.source);
  assert.not.instance(outcome, FairmeshError);
  if (outcome instanceof FairmeshError) return;
  assert.is(outcome.header.height, height);
  assert.is(keyOf(outcome.state.root), keyOf(outcome.header.stateRoot));
  assert.equal(lies, []);
});

test("a block without a finalization of its own is final by that of a later one", async () => {
  const later: FetchSource = {
    ...world.source,
    certificate: (at) => (at < height + 3 ? undefined : world.source.certificate?.(at)),
  };
  const { outcome, lies } = await askInTurn(later);
  assert.not.instance(outcome, FairmeshError);
  assert.equal(lies, []);
});

test("chunks are asked for from where an answer ended", () => {
  const state = world.chain.app.queries.state();
  const whole = [...exportState(state)];
  for (let from = 0; from <= whole.length; from++) assert.equal([...exportState(state, from)], whole.slice(from));
});

test("a peer whose chunk is wrong is reported, and the next one asked", async () => {
  const flip = (bytes: Bytes): Bytes => bytes.with(bytes.length - 1, (bytes.at(-1) as number) ^ 1);
  const spoilt = (bytes: Bytes): Bytes => {
    const decoded = stateChunkCodec.decode(bytes);
    if (!decoded.ok) throw new Error("a chunk of ours decodes");
    return stateChunkCodec.encode({ ...decoded.value, records: decoded.value.records.slice(1) });
  };
  const cut = (bytes: Bytes): Bytes => bytes.subarray(0, 10);
  for (const [change, says] of [
    [spoilt, /^1: a state: root-wrong$/],
    [cut, /^1: a state: chunk-malformed$/],
    [flip, /^1: a state: (record-malformed|root-wrong)$/],
  ] as const) {
    const { outcome, lies } = await askInTurn(changed(0, change), world.source);
    assert.not.instance(outcome, FairmeshError);
    assert.is(lies.length, 1);
    assert.match(lies[0] as string, says);
  }
});

test("forged finalizations, and blocks that are not those finalized, are reported", async () => {
  const forged = (change: (certificate: Certificate) => Certificate): FetchSource => ({
    ...world.source,
    certificate(at) {
      const certificate = world.chain.app.queries.finalization(at);
      return certificate === undefined ? undefined : certificateCodec.encode(change(certificate));
    },
  });
  const noSignature = forged((one) => ({ ...one, signatures: one.signatures.map(() => new Uint8Array(3309)) }));
  const fewer = forged((one) => ({
    ...one,
    signers: Uint8Array.of(1),
    signatures: one.signatures.slice(0, 1),
  }));
  const otherBlock: FetchSource = {
    ...world.source,
    block: (at) => (at === height ? blockWith(at) : undefined),
  };
  const blockWith = (at: number): Bytes => {
    const block = world.chain.app.queries.block(at) as NonNullable<ReturnType<typeof world.chain.app.queries.block>>;
    return blockCodec.encode({ ...block, header: { ...block.header, stateRoot: block.header.parent } });
  };
  const { outcome, lies } = await askInTurn(noSignature, fewer, otherBlock, world.source);
  assert.not.instance(outcome, FairmeshError);
  assert.equal(lies, [
    "1: a finalization whose signatures do not hold",
    "2: a finalization: quorum",
    "3: a finalization of none of the blocks that it gave",
  ]);
});

test("a peer that does not keep the state, or has nothing, is passed over; when nobody has it, that is said", async () => {
  const { stateChunks: _, ...without } = world.source;
  const empty: FetchSource = { ...without, stateChunks: () => [] };
  const { outcome, lies } = await askInTurn(empty, without, {});
  assert.instance(outcome, FairmeshError);
  assert.is((outcome as FairmeshError).code, "STATE_MISSING");
  assert.equal(lies, []);
});

test.run();
