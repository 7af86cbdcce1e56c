// States that are kept to be served: what is served is the state and nothing else, whatever lay on the disk before.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { applyChanges, createDraft, createStateImport, emptyState } from "../../../src/ledger/index.ts";
import { bigEndian, digest } from "../../../src/primitives/index.ts";
import { StateSnapshots } from "../../../src/runtime/fetch/state-snapshots.ts";
import { tables } from "../../../src/schema/index.ts";
import { createMemoryStore } from "../../support/memory-store.ts";

const draft = createDraft(emptyState);
for (let at = 0; at < 50; at++)
  draft.write(tables.energy, digest(bigEndian(at, 32)), { subject: digest(bigEndian(at, 32)), epoch: at });
const state = applyChanges(emptyState, draft.changes());

test("what an attempt to fetch it left behind a state's chunks is not served with them", async () => {
  const snapshots = new StateSnapshots(createMemoryStore());
  await snapshots.stage(7, 0, new Uint8Array(3));
  await snapshots.stage(7, 1, new Uint8Array(3));
  assert.equal([...snapshots.chunks({ height: 7, fromIndex: 0 })], [], "it is not whole");
  await snapshots.keep(7, state);
  const stream = createStateImport();
  for (const chunk of snapshots.chunks({ height: 7, fromIndex: 0 })) assert.is(stream.add(chunk), undefined);
  assert.ok(stream.finish(digest(state.root)).ok);
});

test("a disk that fails once does not keep later states from being kept", async () => {
  const memory = createMemoryStore();
  let failing = true;
  const snapshots = new StateSnapshots({
    ...memory,
    batch: async (...written) => (failing ? Promise.reject(new Error("the disk is full")) : memory.batch(...written)),
  });
  await snapshots.keep(7, state).then(
    () => assert.unreachable(),
    (error: Error) => assert.match(error.message, "full"),
  );
  failing = false;
  await snapshots.keep(9, state);
  assert.equal(snapshots.heights(), [9]);
});

test.run();
