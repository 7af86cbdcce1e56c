// What the dashboard works out before it draws: blocks and their pace, epochs, alerts, cells of the map, capacity, checkpoints.
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Alert, Asset, Capacity, EpochConcentration, EpochRecord, ServiceProof } from "../../src/client/index.ts";
import { readCheckpoint } from "../../src/dashboard/ask-verdict.ts";
import { offeredByKind } from "../../src/dashboard/capacity-panel.ts";
import { cellsOf, demandStep } from "../../src/dashboard/cells.ts";
import { sharePpm } from "../../src/dashboard/rewards-panel.ts";
import * as sight from "../../src/dashboard/sight.ts";
import { bytesText, duration, kindName, shortId, unitsText } from "../../src/dashboard/text.ts";
import { cellAt, cellParent, cellText } from "../../src/primitives/index.ts";

const head = (height: number, ms: number): sight.Head => ({
  ...{ height, epoch: 0, term: 0, parent: "0x", proposer: 0, transactions: 0 },
  time: new Date(ms).toISOString(),
});
const record = (epoch: number, paid = "0"): EpochRecord => ({
  ...{ epoch, emission: "0", auditPay: "0", committeePay: "0", treasury: "0", rewardsRoot: "0x", rewardsCount: 0 },
  ...{ postingsRoot: "0x", postingsCount: 0, beacon: "0x", committeeRoot: "0x" },
  kinds: [{ kind: 0, budget: "10", paid, coveragePaid: "2", reserve: "0" }],
  concentration: [1, 2, 3, 4].map((giniPpm) => ({
    ...{ giniPpm, herfindahlPpm: 0, nakamotoThird: 1, nakamotoHalf: 1, topSharePpm: 0 },
  })),
});
const berlin = cellAt(52.52, 13.4);
const near = cellAt(52.3, 13.1);
const lagos = cellAt(6.45, 3.39);
const asset = (id: string, cell: bigint, kind = 0, status = 0): Asset => ({
  ...{ id, owner: "fair1x", bond: "0", registeredEpoch: 0, status },
  terms: {
    ...{ kind, units: "8", cell: String(cell), dataCommitment: "0x", interfaceHash: "0x", interfacePointer: "0x" },
    ...{ attributes: [], energy: { source: 0, renewablePpm: 0, evidenceTier: 0, evidenceHash: "0x" } },
  },
});
const capacity = (assetId: string, freeUnits: string, expiresEpoch = 9): Capacity => ({
  ...{ owner: "fair1x", assetId, seq: 1, epoch: 5, freeUnits, pricePerUnitEpoch: "1", expiresEpoch },
  addressesDigest: "0x",
});
const proof = (assetId: string, epoch: number, unitsServed: string): ServiceProof => ({
  ...{ assetId, owner: "fair1x", epoch, seq: 1, responsesRoot: "0x", unitsServed, receipts: [] },
});
const byId = <T>(items: readonly T[], id: (item: T) => string): ReadonlyMap<string, T> =>
  new Map(items.map((item) => [id(item), item]));

test("blocks are kept once each and bounded; finality counts only where the page heard it", () => {
  let blocks: readonly sight.BlockSeen[] = [];
  for (let height = 1; height <= 100; height++) {
    blocks = sight.withBlock(blocks, head(height, height * 500), height > 90 ? height * 500 + 300 : undefined);
    blocks = sight.withBlock(blocks, head(height, height * 500), 1e9);
  }
  assert.is(blocks.length, sight.blocksMax);
  assert.equal(sight.paceOf(blocks), { betweenMs: 500, finalMs: 300, blocks: 60 });
  assert.equal(sight.paceOf([]), { betweenMs: undefined, finalMs: undefined, blocks: 0 });
  // A clock behind the network's does not make time run backwards.
  assert.is(sight.withBlock([], head(1, 1000), 400)[0]?.finalMs, 0);
});

test("epochs are the newest first, each once, and what is held of anything is bounded", () => {
  let epochs: readonly EpochRecord[] = [];
  for (const epoch of [3, 1, 2, 2, ...Array.from({ length: 30 }, (_, index) => index)]) {
    epochs = sight.withEpoch(epochs, record(epoch));
  }
  assert.equal(
    epochs.map(({ epoch }) => epoch),
    Array.from({ length: sight.epochsMax }, (_, index) => 29 - index),
  );
  let items: ReadonlyMap<string, number> = new Map();
  for (let number = 0; number <= sight.heldMax; number++) items = sight.withItem(items, String(number), number);
  assert.equal([items.size, items.has("0"), items.has("1")], [sight.heldMax, false, true]);
  let history: readonly EpochConcentration[] = [];
  for (const epoch of [5, 4, 5]) history = sight.withConcentration(history, record(epoch));
  assert.equal(
    history.map(({ epoch, bondsByGroup }) => [epoch, bondsByGroup.giniPpm]),
    [
      [4, 4],
      [5, 4],
    ],
  );
  assert.is(sight.withConcentration([], { ...record(1), concentration: [] }).length, 0);
});

test("an alert that is over goes, one that is said again is there once", () => {
  const alert = (code: string, raised: boolean): Alert => ({
    ...{ code, severity: "warning", message: code, sinceHeight: 1, raised },
  });
  const two = sight.withAlert(sight.withAlert([alert("b", true)], alert("a", true)), alert("a", true));
  assert.equal(
    two.map(({ code }) => code),
    ["a", "b"],
  );
  assert.equal(sight.withAlert(two, alert("a", false)), [alert("b", true)]);
});

test("the epoch's progress, what it paid, and when a new network pays first", () => {
  const at = (height: number) => sight.epochProgress(height, 24).done;
  assert.equal([0, 1, 24, 25].map(at), [0, 1, 24, 1]);
  assert.is(sight.paidIn(record(1, "40")), 42n);
  assert.match(sight.firstPayText(95, 24), "in about 1 block.");
  assert.match(sight.firstPayText(96, 24), "second epoch after its registration");
  assert.is(sight.firstPayText(5, undefined), "Nothing is paid yet.");
});

test("cells put supply, free and demand together; retired, placeless and old are told apart", () => {
  const assets = byId(
    [
      ...[asset("a", berlin), asset("b", near), asset("c", lagos), asset("d", 0n)],
      ...[asset("e", berlin, 0, 2), asset("f", berlin, 1)],
    ],
    ({ id }) => id,
  );
  const capacities = byId([capacity("a", "3"), capacity("b", "5")], ({ assetId }) => assetId);
  const proofs = byId([proof("a", 4, "4"), proof("b", 3, "8"), proof("c", 5, "9")], ({ assetId }) => assetId);
  const { cells, placeless } = cellsOf({ assets, capacities, proofs }, { kind: 0, resolution: 1, epoch: 5 });
  assert.is(placeless, 1);
  assert.equal(
    cells.map(({ cell, supply, free, served, demandPpm }) => [cell, supply, free, served, demandPpm]),
    [
      [cellText(cellParent(berlin, 1)), 16n, 8n, 4n, 250_000],
      [cellText(cellParent(lagos, 1)), 8n, 0n, 9n, 1_125_000],
    ],
  );
  assert.equal(
    cells[1]?.assets.map(({ id, free }) => [id, free]),
    [["c", undefined]],
  );
  assert.equal([0, 1, 250_000, 500_000, 999_999, 1_000_000].map(demandStep), [0, 1, 2, 3, 3, 4]);
  const fine = cellsOf({ assets, capacities, proofs }, { kind: 0, resolution: 7, epoch: 5 });
  assert.is(fine.cells.length, 3);
});

test("capacity by kind counts neither what expired nor assets that nobody registered", () => {
  const seen: sight.NodeSight = {
    ...sight.nothingSeen,
    status: { epoch: 5 } as never,
    assets: byId([asset("a", berlin), asset("b", near), asset("f", lagos, 1)], ({ id }) => id),
    capacities: byId(
      [capacity("a", "3"), capacity("b", "5", 4), capacity("f", "1"), capacity("z", "99")],
      ({ assetId }) => assetId,
    ),
  };
  assert.equal(offeredByKind(seen), [
    { kind: 0, assets: 1, free: 3n, registered: 8n },
    { kind: 1, assets: 1, free: 1n, registered: 8n },
  ]);
});

test("roles and short forms", () => {
  const status = { seat: undefined, observing: undefined, joining: undefined, syncing: false, term: 3 };
  const role = (change: object) => sight.roleText({ ...status, ...change } as never);
  assert.is(role({}), "no seat in term 3");
  assert.is(role({ seat: 0 }), "seat 0 of term 3");
  assert.is(role({ seat: 1, observing: "damage" }), "seat 1, not voting: damage");
  assert.is(role({ syncing: true }), "catching up");
  assert.is(role({ joining: { step: "state" }, syncing: true }), "joining: state");
  assert.equal([400, 12_000, 300_000, 8e6, 4e8].map(duration), ["0.40 s", "12 s", "5.0 min", "2.2 h", "4.6 d"]);
  assert.equal([12, 2048, 5 << 20].map(bytesText), ["12 B", "2.0 KiB", "5.0 MiB"]);
  assert.equal([shortId("0x00112233445566778899"), shortId("short")], ["0x001122…8899", "short"]);
  assert.equal(
    [kindName(1), kindName(77), unitsText(0, 1n), unitsText(77, "2")],
    [...["bandwidth", "kind 77", "1 sector", "2 units"]],
  );
  assert.equal([sharePpm(1n, 3n), sharePpm(1n, 0n)], [333_333, 0]);
});

test("a checkpoint is 64 hex digits, nothing, or wrong", () => {
  assert.is(readCheckpoint("  "), undefined);
  assert.is(readCheckpoint("12"), null);
  assert.is(readCheckpoint(`0x${"g".repeat(64)}`), null);
  assert.equal(readCheckpoint(` 0x${"aB".repeat(32)}`), new Uint8Array(32).fill(0xab));
});

test.run();
