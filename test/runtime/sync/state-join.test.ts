// A node joins by state (S-11, L-6): what it adopts is the state of the others at a term's end, from which it goes on block by
// block like them, over restarts too; a crash at any write on the way leaves a disk from which it begins anew; without an
// anchor that is young enough it says what to do.
import "../../../src/native/hasher.ts";

import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Store, StoreOperation } from "../../../src/ports/index.ts";
import { type Bytes, bigEndian, FairmeshError, keyOf } from "../../../src/primitives/index.ts";
import { applicationSpaces } from "../../../src/runtime/application/index.ts";
import { blockCodec, blockDigest, type Certificate, epochRecordCodec } from "../../../src/schema/index.ts";
import { createMemoryStore } from "../../support/memory-store.ts";
import { type Joiner, joiner, jumpingClock, manyAccounts, servedChain } from "../../support/served-chain.ts";

const never = new AbortController().signal;
const world = await servedChain(5);
const { chain, source, height } = world;
const { queries } = chain.app;

/** Takes the blocks that the others made since, and compares every state. */
async function follow({ app }: Pick<Joiner, "app">): Promise<void> {
  for (let at = app.tip().facts.height + 1; at <= chain.height; at++) {
    const block = queries.block(at);
    const finalization = queries.finalization(at);
    if (block === undefined || finalization === undefined) throw new Error(`the others lack block ${at}`);
    const checked = await app.check(blockCodec.encode(block), Number.MAX_SAFE_INTEGER);
    assert.is(checked.kind, "valid", `block ${at}: ${JSON.stringify(checked)}`);
    await app.commit([blockDigest(block.header)], finalization, []);
  }
  assert.is(keyOf(app.queries.state().root), keyOf(chain.state.root));
}

const sameRecords = ({ app }: Pick<Joiner, "app">): void => {
  for (let epoch = 0; epoch <= queries.head().header.epoch; epoch++) {
    const [own, others] = [app.queries.epochRecord(epoch), queries.epochRecord(epoch)];
    assert.is(own === undefined, others === undefined, `epoch ${epoch}`);
    if (own !== undefined && others !== undefined)
      assert.is(keyOf(epochRecordCodec.encode(own)), keyOf(epochRecordCodec.encode(others)));
  }
};

test("from genesis, while it is young enough: the state at the last term's end, then every block", async () => {
  const one = await joiner(world, [source, source]);
  assert.ok(one.join.due());
  await one.join.run(never);
  assert.equal(one.lies, []);
  assert.is(one.app.tip().facts.height, height);
  assert.is(one.join.status(), undefined);
  assert.ok(one.app.committee(world.term + 1), "the committee of the next term is known with its keys");
  await follow(one);
  sameRecords(one);
  assert.not.ok(one.join.due());
  // And it is itself served and joined from.
  assert.equal(one.snapshots.heights(), [height]);
});

test("over restarts it goes on as the others do, through settlements and the next term's end", async () => {
  const far = await servedChain(3);
  const one = await joiner(far, [far.source]);
  await one.join.run(never);
  assert.is(one.app.tip().facts.height, far.height);
  const blocks = 2 * far.chain.parameters.termEpochs * far.chain.parameters.epochBlocks + 4;
  let { app } = one;
  for (let more = 0; more < blocks; more++) {
    await far.chain.duties((entry) => entry);
    await far.chain.block();
    while (app.tip().facts.height < far.chain.height) {
      const at = app.tip().facts.height + 1;
      const block = far.chain.app.queries.block(at) as NonNullable<ReturnType<typeof queries.block>>;
      const finalization = far.chain.app.queries.finalization(at);
      assert.is((await app.check(blockCodec.encode(block), Number.MAX_SAFE_INTEGER)).kind, "valid", `block ${at}`);
      await app.commit([blockDigest(block.header)], finalization as never, []);
    }
    assert.is(keyOf(app.queries.state().root), keyOf(far.chain.state.root));
    if (more % 5 === 0) app = await far.chain.open(one.store);
  }
  // What it settled itself it can prove, from the nearest term's end on.
  const epoch = app.queries.head().header.epoch - 2;
  const [asset] = far.chain.assets;
  const made = await app.queries.certificate(epoch, asset as never);
  assert.ok(made.ok, made.ok ? "" : made.error);
  // What was settled before it joined it cannot, and says so.
  const before = await app.queries.certificate(1, asset as never);
  assert.is(before.ok ? "made" : before.error, "reward-unknown");
});

test("from a block that its operator pins, also when that is the very end that is served", async () => {
  const old = { parameters: { trustingEpochs: 4 } };
  const late = await servedChain(6, old);
  const termBlocks = late.chain.parameters.termEpochs * late.chain.parameters.epochBlocks;
  for (const term of [late.term, late.term - 1]) {
    const pinned = late.chain.app.queries.digestAt((term + 1) * termBlocks);
    const one = await joiner(late, [late.source], { ...(pinned === undefined ? {} : { checkpoint: pinned }) });
    await one.join.run(never);
    assert.is(one.app.tip().facts.height, late.height, `pinned at term ${term}`);
    assert.equal(one.lies, []);
  }
});

test("an empty node whose operator pinned a block takes nothing else, were genesis ever so young", async () => {
  const stop = new AbortController();
  const clock = jumpingClock(chain.app.tip().facts.timestampMs);
  const { sleep } = clock;
  clock.sleep = (ms, signal) => {
    if (ms === 5_000) stop.abort(new Error("enough"));
    return sleep(ms, signal);
  };
  const checkpoint = queries.digestAt(height - 1);
  const one = await joiner(world, [source], { clock, ...(checkpoint === undefined ? {} : { checkpoint }) });
  await one.join.run(stop.signal).then(
    () => assert.unreachable("that block ends no term: nothing begins there"),
    () => {},
  );
  assert.is(one.app.tip().facts.height, 0);
  assert.ok(one.logged.some(({ message }) => /from the pinned checkpoint; asking again/.test(message)));
});

test("without an anchor that is young enough it says what to do, and goes by blocks", async () => {
  const late = await servedChain(6, { parameters: { trustingEpochs: 4 } });
  const one = await joiner(late, [late.source]);
  await one.join.run(never);
  assert.is(one.app.tip().facts.height, 0);
  assert.ok(one.logged.some(({ level, message }) => level === "warn" && /pin a checkpoint/.test(message)));
});

test("a checkpoint so stale that no chain from it can be trusted is proved by nobody: no work for peers, and no lie of theirs", async () => {
  const late = await servedChain(11, { parameters: { trustingEpochs: 4 } });
  const checkpoint = late.chain.app.queries.digestAt(
    late.chain.parameters.termEpochs * late.chain.parameters.epochBlocks,
  );
  assert.ok(checkpoint);
  for (const start of [undefined, checkpoint]) assert.is(late.source.termProof?.(start), undefined);
  const stop = new AbortController();
  const clock = jumpingClock(late.chain.app.tip().facts.timestampMs);
  const { sleep } = clock;
  clock.sleep = (ms, signal) => {
    if (ms === 5_000) stop.abort(new Error("enough"));
    return sleep(ms, signal);
  };
  const one = await joiner(late, [late.source], { clock, checkpoint });
  await one.join.run(stop.signal).catch(() => {});
  assert.equal(one.lies, []);
  assert.ok(one.logged.some(({ message }) => /pin a newer one/.test(message)));
});

test("a stale checkpoint is no peer's lie: nothing is adopted, and the operator is told to pin a newer one", async () => {
  const late = await servedChain(6, { parameters: { trustingEpochs: 4 } });
  const termBlocks = late.chain.parameters.termEpochs * late.chain.parameters.epochBlocks;
  const pinned = late.chain.app.queries.digestAt(termBlocks);
  const stop = new AbortController();
  const clock = jumpingClock(late.chain.app.tip().facts.timestampMs);
  const { sleep } = clock;
  let rounds = 0;
  clock.sleep = (ms, signal) => {
    if (ms === 5_000 && ++rounds === 3) stop.abort(new Error("enough"));
    return sleep(ms, signal);
  };
  const one = await joiner(late, [late.source], { clock, ...(pinned === undefined ? {} : { checkpoint: pinned }) });
  await one.join.run(stop.signal).then(
    () => assert.unreachable("an empty node whose operator pinned a block takes nothing else"),
    () => {},
  );
  assert.is(rounds, 3);
  assert.equal([one.lies, one.app.tip().facts.height], [[], 0]);
  assert.ok(one.logged.some(({ message }) => /older than the trusting period .* pin a newer checkpoint/.test(message)));
});

test("a node that was away joins from the end of the last term that it followed itself", async () => {
  const far = await servedChain(7, { parameters: { trustingEpochs: 8 } });
  const away = createMemoryStore();
  const app = await far.chain.open(away);
  const termBlocks = far.chain.parameters.termEpochs * far.chain.parameters.epochBlocks;
  for (let at = 1; at <= 4 * termBlocks + 3; at++) {
    const block = far.chain.app.queries.block(at) as NonNullable<ReturnType<typeof queries.block>>;
    await app.check(blockCodec.encode(block), Number.MAX_SAFE_INTEGER);
    const finalization = far.chain.app.queries.finalization(at) as never;
    await app.commit([blockDigest(block.header)], finalization, []);
  }
  const one = await joiner(far, [far.source], { store: away });
  await one.join.run(never);
  assert.equal(one.lies, []);
  assert.is(one.app.tip().facts.height, far.height);
  assert.is(one.app.queries.block(termBlocks), undefined, "what it had before is not a part of the chain any more");
  const again = await far.chain.open(away);
  assert.is(keyOf(again.queries.state().root), keyOf(one.app.queries.state().root));
});

interface Batch {
  readonly operations: readonly StoreOperation[];
  readonly sync: boolean;
}

/** A store that dies at its write number `at`: that and all later ones fail. `written` is what came before, in order. */
function dying(store: Store, at: number): Store & { readonly written: Batch[] } {
  const written: Batch[] = [];
  return {
    ...store,
    written,
    batch(operations, how) {
      if (written.length >= at) return Promise.reject(new FairmeshError("STORE_FAILED", "the power is gone"));
      written.push({ operations, ...how });
      return store.batch(operations, how);
    },
  };
}

/** What is on the disk when only these batches reached it. */
async function diskOf(batches: readonly Batch[]): Promise<Store> {
  const store = createMemoryStore();
  for (const { operations, sync } of batches) await store.batch(operations, { sync });
  return store;
}

test("a crash at any write of a join: the disk begins anew or is whole, and joining again succeeds", async () => {
  const counting = dying(createMemoryStore(), Number.MAX_SAFE_INTEGER);
  await (await joiner(world, [source], { store: counting })).join.run(never);
  const total = counting.written.length;
  assert.ok(total > 12);
  for (let at = 1; at < total; at++) {
    const disk = dying(createMemoryStore(), at);
    const crashed = await joiner(world, [source], { store: disk });
    await crashed.join.run(never).then(
      () => assert.unreachable(`write ${at} of ${total} failed`),
      () => {},
    );
    // Of what was not synced, every other time nothing has reached the disk.
    const synced = disk.written.findLastIndex(({ sync }) => sync) + 1;
    const store = await diskOf(disk.written.slice(0, at % 2 === 0 ? synced : at));
    const back = await chain.open(store);
    if (back.tip().facts.height === 0) {
      // By blocks it can go, too: nothing of the other state is left to be taken for a part of its own.
      const first = queries.block(1) as NonNullable<ReturnType<typeof queries.block>>;
      assert.is((await back.check(blockCodec.encode(first), Number.MAX_SAFE_INTEGER)).kind, "valid");
      await back.commit([blockDigest(first.header)], queries.finalization(1) as Certificate, []);
    }
    const after = await joiner(world, [source], { store });
    const began = after.app.tip().facts.height;
    assert.ok(began === 1 || began === height, `after a crash at write ${at} the tip is ${began}`);
    if (began === 1) await after.join.run(never);
    assert.is(after.app.tip().facts.height, height);
    await follow(after);
  }
});

test("half an adoption on a disk that had begun somewhere before: it begins at the first block again", async () => {
  const store = createMemoryStore();
  await store.batch(
    [
      { space: applicationSpaces.retention, key: Uint8Array.of(0), value: bigEndian(50) },
      { space: applicationSpaces.adopting, key: Uint8Array.of(0), value: new Uint8Array(32) },
    ],
    { sync: true },
  );
  for (const _ of ["this start", "the next"]) assert.is((await chain.open(store)).queries.bodiesFrom(), 1);
});

test("an interrupted fetch goes on where it ended, with another peer", async () => {
  const large = await servedChain(5, { accountsMore: manyAccounts });
  const { source, height } = large;
  const spaces = new Map<string, Map<string, Bytes>>();
  const asked: number[] = [];
  const counted = {
    ...source,
    *stateChunks(request: Parameters<NonNullable<typeof source.stateChunks>>[0]) {
      asked.push(request.fromIndex);
      yield* source.stateChunks?.(request) ?? [];
    },
  };
  // The first one gives nothing but the first chunk.
  const cut = {
    ...source,
    *stateChunks(request: Parameters<NonNullable<typeof source.stateChunks>>[0]) {
      for (const chunk of source.stateChunks?.(request) ?? []) {
        if (request.fromIndex === 0) yield chunk;
        throw new Error("cut");
      }
    },
  };
  assert.ok([...(source.stateChunks?.({ height, fromIndex: 0 }) ?? [])].length > 2, "a state of several chunks");
  const alone = await joiner(large, [cut], { store: createMemoryStore(spaces) });
  await alone.join.run(never);
  assert.equal([alone.app.tip().facts.height, [...alone.snapshots.staged(height)].length], [0, 1], "what came stays");
  const one = await joiner(large, [cut, counted], { store: createMemoryStore(spaces) });
  await one.join.run(never);
  assert.is(one.app.tip().facts.height, height);
  assert.is(asked[0], 1);
});

test("two terms are too near: by blocks", async () => {
  const near = await servedChain(1);
  const one = await joiner(near, [near.source]);
  await one.join.run(never);
  assert.is(one.app.tip().facts.height, 0);
});

test.run();
