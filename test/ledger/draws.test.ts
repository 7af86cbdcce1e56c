// Draws by the beacon (P-1, section 3): by weight, without repetition, one a prefix, and nothing gained by the name of an id.
import "../../src/native/hasher.ts";

import { test } from "uvu";
import * as assert from "uvu/assert";
import { sha256 } from "../../src/crypto/index.ts";
import { auditDraw, createUrn, drawCommittee, drawFrom } from "../../src/ledger/index.ts";
import { type AccountId, type AssetId, bigEndian, equalBytes } from "../../src/primitives/index.ts";
import type { DrawEntry } from "../../src/schema/index.ts";

const id = (at: number) => bigEndian(at, 32) as AccountId;
const entry = (at: number, weight: bigint, prefix = at): DrawEntry => ({
  operator: id(at),
  weight,
  prefix: Uint8Array.of(4, 10, prefix >> 8, prefix & 255, 0),
});
const seed = (at: number) => sha256(bigEndian(at));
const any = () => true;

test("entries are drawn as often as they weigh, and never twice", () => {
  const urn = createUrn({ epoch: 0, entries: [1n, 2n, 3n, 4n].map((weight, at) => entry(at, weight * 1000n)) });
  const counts = [0, 0, 0, 0];
  for (let draw = 0; draw < 8000; draw++) {
    const [first] = drawFrom(urn, seed(draw), { count: 1, onePerPrefix: false, allowed: any });
    counts[first as number] = (counts[first as number] as number) + 1;
    const all = drawFrom(urn, seed(draw), { count: 4, onePerPrefix: false, allowed: any });
    assert.is(new Set(all).size, 4);
  }
  for (const [at, count] of counts.entries()) assert.ok(Math.abs(count - 800 * (at + 1)) < 150, counts.join());
});

test("beside one that weighs nearly all, the others are still drawn alike: the table's order favours nobody", () => {
  const entries = [entry(0, 10n ** 15n), ...Array.from({ length: 9 }, (_, at) => entry(at + 1, 1000n))];
  const urn = createUrn({ epoch: 0, entries });
  const counts = new Array<number>(10).fill(0);
  for (let draw = 0; draw < 3000; draw++) {
    const chosen = drawFrom(urn, seed(draw), { count: 4, onePerPrefix: false, allowed: any });
    assert.is(chosen.length, 4);
    for (const index of chosen) counts[index] = (counts[index] as number) + 1;
  }
  // Three of the nine light ones each time: a third of the draws for each.
  for (const count of counts.slice(1)) assert.ok(Math.abs(count - 1000) < 120, counts.join());
});

test("one a prefix; unknown prefixes are no prefix; who weighs nothing is never drawn", () => {
  const shared = [entry(0, 5n, 7), entry(1, 5n, 7), entry(2, 5n, 8), entry(3, 0n, 9)];
  const unknown = [4, 5].map((at): DrawEntry => ({ ...entry(at, 5n), prefix: new Uint8Array(5) }));
  const urn = createUrn({ epoch: 0, entries: [...shared, ...unknown] });
  for (let draw = 0; draw < 200; draw++) {
    const chosen = drawFrom(urn, seed(draw), { count: 6, onePerPrefix: true, allowed: any });
    assert.is(chosen.length, 4);
    assert.is(chosen.filter((at) => at < 2).length, 1);
    assert.not(chosen.includes(3));
  }
});

test("an asset is never audited by its owner nor from its owner's prefix; a larger count draws more", () => {
  const entries = Array.from({ length: 12 }, (_, at) => entry(at, 5n, at % 6));
  const urn = createUrn({ epoch: 0, entries });
  const draw = auditDraw(urn, seed(1), { count: 3, prefixRules: true });
  for (let at = 0; at < 100; at++) {
    const owner = id(at % 12);
    const asset = { assetId: sha256(bigEndian(at)) as Uint8Array as AssetId, owner };
    const chosen = draw(asset);
    assert.is(chosen.length, 3);
    assert.not(
      chosen.some((index) => index % 6 === at % 6),
      "the owner or its neighbour",
    );
    assert.is(draw(asset, 5).length, 5);
    assert.equal(draw(asset), chosen);
  }
});

test("with no more operators than seats all sit; a committee follows its beacon", () => {
  const entries = Array.from({ length: 40 }, (_, at) => entry(at, BigInt(at + 1)));
  const urn = createUrn({ epoch: 0, entries });
  assert.is(drawCommittee(urn, seed(0), { seats: 64, prefixRules: true }).length, 40);
  const some = drawCommittee(urn, seed(0), { seats: 16, prefixRules: true });
  assert.is(some.length, 16);
  assert.equal(drawCommittee(urn, seed(0), { seats: 16, prefixRules: true }), some);
  const others = drawCommittee(urn, seed(1), { seats: 16, prefixRules: true });
  assert.not(some.every((one, at) => equalBytes(one, others[at] as AccountId)));
});

test.run();
