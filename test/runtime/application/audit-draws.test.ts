// Who audits what, looked up over more assets than one call looks at: the same answers one by one, in pages and little by little.
import "../../../src/native/hasher.ts";

import { test } from "uvu";
import * as assert from "uvu/assert";
import { sha256 } from "../../../src/crypto/index.ts";
import { applyChanges, createDraft, emptyState, type LedgerState, newEpoch } from "../../../src/ledger/index.ts";
import {
  type AccountId,
  type AssetId,
  bigEndian,
  equalBytes,
  fair,
  keyOf,
  utf8ToBytes,
} from "../../../src/primitives/index.ts";
import { noOutcome } from "../../../src/rewards/index.ts";
import { createAuditDraws, drawsPerCall } from "../../../src/runtime/application/audit-draws.ts";
import { type AssetState, numberKey, parametersOf, tables } from "../../../src/schema/index.ts";

const p = parametersOf("devnet");
const epoch = 5;
const assetsCount = 2 * drawsPerCall + 100;
const named = (label: string, at: number) => sha256(utf8ToBytes(label), bigEndian(at)) as Uint8Array;
const operators = Array.from({ length: 9 }, (_, at) => named("operator", at) as AccountId).sort((a, b) =>
  keyOf(a) < keyOf(b) ? -1 : 1,
);

function stateWith(change: (asset: AssetState, at: number) => AssetState): LedgerState {
  const draft = createDraft(emptyState);
  const prefix = new Uint8Array(5);
  draft.write(tables.drawTables, numberKey(epoch), {
    epoch,
    entries: operators.map((operator) => ({ operator, weight: fair(5), prefix })),
  });
  draft.write(tables.epochs, numberKey(epoch), newEpoch(epoch, sha256(utf8ToBytes("beacon"))));
  const empty = tables.assets.codec.empty();
  for (let at = 0; at < assetsCount; at++) {
    const owner = operators[at % operators.length] as AccountId;
    const asset = { ...empty, owner, activeFromEpoch: 2, retiredEpochs: 0, outcome: noOutcome };
    draft.write(tables.assets, named("asset", at), change(asset, at));
  }
  return applyChanges(emptyState, draft.changes());
}

test("an auditor's assets are found little by little, and are those that the draws say", () => {
  const state = stateWith((asset) => asset);
  const draws = createAuditDraws(() => state, p);
  const all = draws.assignments(epoch);
  assert.is(all.length, assetsCount);
  const [auditor] = operators as [AccountId];
  const own = all.filter(({ auditors }) => auditors.some((one) => equalBytes(one, auditor))).map((one) => one.assetId);
  const first = draws.assignedTo(epoch, auditor);
  assert.ok(first.length > 0 && first.length < own.length, "one call does not look at all");
  draws.assignedTo(epoch, auditor);
  assert.equal(draws.assignedTo(epoch, auditor), own);
  assert.equal(draws.assignedTo(epoch, auditor), own, "once");
  for (const { assetId, auditors } of all.slice(0, 50))
    for (const operator of operators) {
      const drawn = auditors.some((one) => equalBytes(one, operator));
      assert.is(draws.isAssigned(epoch, assetId, operator), drawn);
    }
  assert.equal(draws.assignedTo(epoch + 1, auditor), [], "its draw is not known");
  assert.is(draws.isDrawn(epoch, auditor), true);
  assert.is(draws.isDrawn(epoch, named("stranger", 0) as AccountId), false);
});

test("pages of assignments follow one another without a gap", () => {
  const state = stateWith((asset) => asset);
  const draws = createAuditDraws(() => state, p);
  const read: AssetId[] = [];
  for (let after: AssetId | undefined; ; after = read.at(-1)) {
    const page = draws.assignments(epoch, after, 333);
    read.push(...page.map(({ assetId }) => assetId));
    if (page.length < 333) break;
  }
  assert.equal(
    read,
    draws.assignments(epoch).map(({ assetId }) => assetId),
  );
});

test("what is retired while it is looked for is not audited", () => {
  let state = stateWith((asset) => asset);
  const draws = createAuditDraws(() => state, p);
  const [auditor] = operators as [AccountId];
  const before = draws.assignedTo(epoch, auditor);
  const gone = before[0] as AssetId;
  const asset = tables.assets;
  const draft = createDraft(state);
  draft.write(asset, gone, { ...(draft.read(asset, gone) as AssetState), retiredEpochs: epoch });
  state = applyChanges(state, draft.changes());
  const now = draws.assignedTo(epoch, auditor);
  assert.ok(!now.some((id) => equalBytes(id, gone)));
  assert.is(draws.isAssigned(epoch, gone, auditor), false);
  assert.ok(now.length > before.length - 1, "the search goes on");
});

test.run();
