// The state's commitment (L-6): the incremental root against the SSZ root of the same lists, proofs of records and of their
// absence, and a whole state as a stream. Random states, with buckets of one, two and many records.
import "../../src/native/hasher.ts";

import { ByteVectorType, ContainerType, ListCompositeType } from "@chainsafe/ssz";
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Draft, prove } from "../../src/ledger/draft.ts";
import {
  applyChanges,
  createDraft,
  createStateImport,
  emptyState,
  exportState,
  type LedgerState,
  provedRecord,
  readRecord,
  recordLeaf,
  recordsCount,
  recordsOf,
} from "../../src/ledger/index.ts";
import { type Bytes, bigEndian, compareBytes, digest, fair, grains, keyOf } from "../../src/primitives/index.ts";
import { type Mark, stateChunkCodec, tables } from "../../src/schema/index.ts";

const numRuns = Number(process.env.FAIRMESH_FUZZ_RUNS ?? 60);
const mark = (epoch: number): Mark => ({ subject: digest(bigEndian(epoch, 32)), epoch });

/** Keys that crowd into few buckets: the first two bytes are of a small set. */
const crowded = fc
  .tuple(fc.constantFrom(0, 1, 0x1f, 0xff), fc.nat(3), fc.nat(60_000))
  .map(([first, second, rest]) => digest(Uint8Array.of(first, second << 4, ...bigEndian(rest, 30))));
const write = fc.record({ key: crowded, epoch: fc.option(fc.nat(1000), { nil: undefined }) });
const blocks = fc.array(fc.array(write, { maxLength: 30 }), { minLength: 1, maxLength: 6 });

const stateAfter = (all: readonly (readonly { key: Bytes; epoch: number | undefined }[])[]): LedgerState => {
  let state = emptyState;
  for (const writes of all) {
    const draft = createDraft(state);
    for (const { key, epoch } of writes) draft.write(tables.energy, key, epoch === undefined ? undefined : mark(epoch));
    state = applyChanges(state, draft.changes());
  }
  return state;
};

test("the root of any sequence of changes is that of the records alone, in whatever order they came", () => {
  fc.assert(
    fc.property(blocks, (all) => {
      const state = stateAfter(all);
      const kept = new Map<string, { key: Bytes; epoch: number | undefined }>();
      for (const one of all.flat()) kept.set(keyOf(one.key), one);
      const left = [...kept.values()].filter(({ epoch }) => epoch !== undefined);
      assert.equal(state.root, stateAfter([left.toReversed()]).root);
      assert.is(recordsCount(state, tables.energy.space), left.length);
      for (const { key, epoch } of kept.values()) assert.is(readRecord(state, tables.energy, key)?.epoch, epoch);
      const keys = [...recordsOf(state, tables.energy.space)].map(([key]) => key);
      assert.equal(keys, keys.toSorted(compareBytes));
      for (const { key } of kept.values()) {
        const above = [...recordsOf(state, tables.energy.space, key)].map(([one]) => one);
        assert.equal(
          above,
          keys.filter((one) => compareBytes(one, key) > 0),
        );
      }
    }),
    { numRuns },
  );
});

test("a bucket's root is the SSZ root of the list of its leaves, limit 2^16", () => {
  const state = stateAfter([[7, 3, 5, 1].map((rest) => ({ key: digest(bigEndian(rest, 32)), epoch: rest }))]);
  const list = new ListCompositeType(new ByteVectorType(32), 1 << 16);
  const bucket = state.spaces[tables.energy.space]?.buckets[0];
  const leaves = [...recordsOf(state, tables.energy.space)].map(([key]) =>
    recordLeaf(key, tables.energy.codec.root(readRecord(state, tables.energy, key) as Mark)),
  );
  assert.equal(bucket?.root, list.hashTreeRoot(leaves));
  const pair = new ContainerType({ key: new ByteVectorType(32), root: new ByteVectorType(32) });
  const [key] = [...recordsOf(state, tables.energy.space)].map(([one]) => one) as [Bytes];
  const root = tables.energy.codec.root(readRecord(state, tables.energy, key) as Mark);
  assert.equal(leaves[0], pair.hashTreeRoot({ key, root }));
});

test("every record has a proof under the root, every other key one of its absence, and neither proves anything else", () => {
  fc.assert(
    fc.property(blocks, fc.array(crowded, { minLength: 1, maxLength: 6 }), (all, asked) => {
      const state = stateAfter(all);
      const { space, codec } = tables.energy;
      for (const key of [
        ...asked,
        ...all
          .flat()
          .slice(0, 8)
          .map((one) => one.key),
      ]) {
        const proof = prove(state, tables.energy, key);
        const shown = provedRecord(proof, { space, key }, state.root);
        const record = readRecord(state, tables.energy, key);
        assert.is(shown?.kind, record === undefined ? "absent" : "present");
        if (record !== undefined && shown?.kind === "present") assert.equal(shown.recordRoot, codec.root(record));
        // The next space is empty: where this one is, too, the same proof holds there.
        assert.is.not(provedRecord(proof, { space: space + 1, key }, state.root)?.kind, "present");
        assert.is(provedRecord(proof, { space, key }, digest(new Uint8Array(32))), undefined);
        for (const other of asked.filter((one) => keyOf(one) !== keyOf(key))) {
          const wrong = provedRecord(proof, { space, key: other }, state.root);
          // One gap shows the absence of every key within it, and nothing more.
          if (wrong === undefined) continue;
          assert.is(wrong.kind, "absent");
          assert.is(readRecord(state, tables.energy, other), undefined);
        }
      }
    }),
    { numRuns },
  );
});

test("a proof with one thing changed shows nothing, and never the opposite", () => {
  const keys = [2, 4, 6, 8].map((rest) => digest(bigEndian(rest, 32)));
  const state = stateAfter([keys.map((key, epoch) => ({ key, epoch }))]);
  const { space } = tables.energy;
  const [, second] = keys as never as [Bytes, Bytes];
  const show = (proof: ReturnType<typeof prove>, key: Bytes) => provedRecord(proof, { space, key }, state.root)?.kind;
  const present = prove(state, tables.energy, second);
  const between = digest(bigEndian(5, 32));
  const absent = prove(state, tables.energy, between);
  assert.equal([show(present, second), show(absent, between)], ["present", "absent"]);
  const [first, next] = absent.leaves as [(typeof absent.leaves)[number], (typeof absent.leaves)[number]];
  // A record's absence from the neighbours two apart, from one neighbour, from an end that is none, from an empty bucket.
  const [before] = prove(state, tables.energy, keys[0] as Bytes).leaves;
  const [after] = prove(state, tables.energy, keys[3] as Bytes).leaves;
  assert.is(show({ ...absent, leaves: [before as never, next] }, second), undefined);
  assert.is(show({ ...absent, leaves: [first] }, between), undefined);
  assert.is(show({ ...absent, leaves: [after as never] }, between), undefined);
  assert.is(show({ ...absent, leaves: [], count: 0 }, between), undefined);
  assert.is(show({ ...absent, count: 2, leaves: [{ ...first, index: 1 }] }, between), undefined);
  for (const change of [
    { count: 3 },
    { bucketSiblings: present.bucketSiblings.slice(1) },
    { spaceSiblings: [...present.spaceSiblings, present.spaceSiblings[0] as never] },
    { leaves: [{ ...(present.leaves[0] as never as object), index: 2 } as never] },
    { leaves: [] },
  ]) {
    assert.is(show({ ...present, ...change }, second), undefined, Object.keys(change).join());
  }
});

const filled = (): LedgerState => {
  const draft: Draft & ReturnType<typeof createDraft> = createDraft(emptyState);
  for (let index = 0; index < 6000; index++) {
    const key = digest(bigEndian(BigInt(index) * 0x9e3779b97f4a7c15n * (1n << 190n), 64).slice(-32));
    draft.write(tables.energy, key, mark(index));
    const account = { ...tables.accounts.codec.empty(), balance: grains(fair(index)), nonce: index };
    draft.write(tables.accounts, key, account);
  }
  return applyChanges(emptyState, draft.changes());
};

test("a state goes out as chunks and comes back with its root; the empty one too", () => {
  for (const state of [emptyState, filled()]) {
    const chunks = [...exportState(state)];
    const reading = createStateImport();
    for (const chunk of chunks) assert.is(reading.add(chunk), undefined);
    const read = reading.finish(state.root);
    assert.ok(read.ok);
    assert.equal(read.value.root, state.root);
    for (const { space } of [tables.accounts, tables.energy]) {
      assert.equal([...recordsOf(read.value, space)], [...recordsOf(state, space)]);
    }
  }
});

test("a stream that is cut, out of order, repeated, damaged or of another state is refused with its reason", () => {
  const state = filled();
  const chunks = [...exportState(state)] as [Bytes, Bytes, ...Bytes[]];
  assert.ok(chunks.length > 2, `${chunks.length} chunks`);
  const outcome = (some: readonly Bytes[], root = state.root): string => {
    const reading = createStateImport();
    for (const chunk of some) reading.add(chunk);
    const read = reading.finish(root);
    return read.ok ? "read" : read.error;
  };
  assert.is(outcome(chunks), "read");
  assert.is(outcome(chunks.slice(0, -1)), "stream-cut");
  assert.is(outcome([]), "stream-cut");
  assert.is(outcome([...chunks, chunks[0]]), "stream-ended");
  assert.is(outcome([chunks[1], chunks[0]]), "chunk-order");
  assert.is(outcome([chunks[0], chunks[0]]), "chunk-order");
  assert.is(outcome(chunks, emptyState.root), "root-wrong");
  assert.is(outcome([chunks[0].slice(0, 5)]), "chunk-malformed");
  const changed = (change: (chunk: ReturnType<typeof stateChunkCodec.empty>) => object): Bytes[] => {
    const decoded = stateChunkCodec.decode(chunks[0]);
    if (!decoded.ok) throw new Error(decoded.error.detail);
    return [stateChunkCodec.encode({ ...decoded.value, ...change(decoded.value) }), ...chunks.slice(1)];
  };
  assert.is(outcome(changed(({ records }) => ({ records: records.slice(1) }))), "chunk-short");
  assert.is(outcome(changed(({ records }) => ({ records: records.toReversed() }))), "record-order");
  const [first] = changed(({ records }) => ({ records: records.map((one) => ({ ...one, space: 15 })) }));
  assert.is(outcome([first as Bytes]), "record-space");
  const cut = changed(({ records }) => ({ records: records.map((one) => ({ ...one, bytes: one.bytes.slice(1) })) }));
  assert.is(outcome(cut), "record-malformed");
  for (let at = 0; at < chunks[0].length; at += 20_011) {
    const damaged = chunks[0].slice();
    damaged[at] = (damaged[at] as number) ^ 1;
    assert.is.not(outcome([damaged, ...chunks.slice(1)]), "read", `byte ${at}`);
  }
});

test.run();
