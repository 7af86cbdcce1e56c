// The reward rule over random epochs with overlapping groups: conservation, R-6 both halves, no pay above budget, and that
// where a block stops changes nothing. Concentration and emission against their definitions.
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Cell, cellAt } from "../../src/primitives/index.ts";
import {
  budgetsAt,
  capScaleMax,
  concentrationOf,
  createSettlement,
  emissionAt,
  noOutcome,
  outcomeOf,
  type Settled,
  type SettleRow,
} from "../../src/rewards/index.ts";
import { type Parameters, parametersOf } from "../../src/schema/index.ts";
import { settleRow } from "../support/settle-row.ts";

const numRuns = Number(process.env.FAIRMESH_FUZZ_RUNS ?? 60);
const fair = 1_000_000_000n;
const p: Parameters = { ...parametersOf("mainnet"), floorUnits: 64, capMinimumUnits: 8 };

interface Draft {
  readonly kind: number;
  readonly place: number;
  readonly prefix: number;
  readonly measured: number;
  readonly delivered: number;
  readonly bondFair: number;
}

const places: readonly Cell[] = [cellAt(52.5, 13.4), cellAt(52.52, 13.42), cellAt(48.1, 11.5), cellAt(-33.8, 151.2)];

const rowOf = (draft: Draft, index: number): SettleRow =>
  settleRow(index, {
    kind: draft.kind,
    cell: places[draft.place % places.length] as Cell,
    prefix: Uint8Array.of(4, 10, 0, draft.prefix, 0),
    measured: BigInt(draft.measured),
    delivered: BigInt(draft.delivered),
    bond: BigInt(draft.bondFair) * fair,
  });

function settle(drafts: readonly Draft[], step = 10_000): Settled {
  const rows = drafts.map(rowOf);
  const settlement = createSettlement({
    epoch: 3,
    parameters: p,
    budgets: budgetsAt(3, p),
    kinds: Array.from({ length: 6 }, (_, kind) => ({
      kind,
      capScalePpm: capScaleMax,
      steppedEpoch: 0,
      reserve: (1000n * fair) as never,
    })),
    groups: [],
    bonds: rows.map((row) => row.bond),
  });
  for (const row of rows) settlement.add(row);
  while (!settlement.advance(step));
  return settlement.result();
}

const draft = fc.record({
  kind: fc.nat(1),
  place: fc.nat(3),
  prefix: fc.nat(2),
  measured: fc.nat(60),
  delivered: fc.nat(60),
  bondFair: fc.integer({ min: 1, max: 80 }),
});
const drafts = fc.array(draft, { minLength: 1, maxLength: 20 });
const leavesOf = (settled: Settled) => Array.from({ length: settled.count }, (_, index) => settled.leaf(index));
const rewardOf = (settled: Settled, index: number): bigint => settled.leaf(index).reward;

test("R-5: what a kind gets is paid or kept in its reserve, to the grain; nothing is paid above the budget", () => {
  fc.assert(
    fc.property(drafts, (some) => {
      const settled = settle(some);
      for (const kind of settled.kinds) {
        const before = 1000n * fair;
        assert.is(kind.budget + before, kind.paid + kind.coveragePaid + kind.reserve);
        assert.ok(kind.paid <= kind.budget);
        const leaves = leavesOf(settled).filter((_, index) => some[index]?.kind === kind.kind);
        assert.is(
          leaves.reduce((sum, leaf) => sum + leaf.reward, 0n),
          kind.paid + kind.coveragePaid,
        );
      }
    }),
    { numRuns },
  );
});

test("R-6: dividing one asset's work and bond among identities in the same groups never earns more", () => {
  fc.assert(
    fc.property(drafts, draft, fc.array(fc.nat(100), { minLength: 1, maxLength: 6 }), (others, whole, cuts) => {
      const parts: Draft[] = [];
      const left = { measured: whole.measured, delivered: whole.delivered, bondFair: whole.bondFair };
      for (const cut of cuts) {
        const part = {
          ...whole,
          measured: Math.floor((left.measured * cut) / 100),
          delivered: Math.floor((left.delivered * cut) / 100),
          bondFair: Math.floor((left.bondFair * cut) / 100),
        };
        left.measured -= part.measured;
        left.delivered -= part.delivered;
        left.bondFair -= part.bondFair;
        parts.push(part);
      }
      parts.push({ ...whole, ...left });
      const one = rewardOf(settle([...others, whole]), others.length);
      const divided = settle([...others, ...parts]);
      const many = parts.reduce((sum, _, index) => sum + rewardOf(divided, others.length + index), 0n);
      assert.ok(many <= one + BigInt(parts.length), `${many} for ${parts.length} parts, ${one} for the whole`);
    }),
    { numRuns: numRuns * 3 },
  );
});

test("R-6: in one set of groups more verified work never earns less, beyond 1 ppm", () => {
  fc.assert(
    fc.property(drafts, draft, fc.integer({ min: 1, max: 40 }), (others, asset, more) => {
      const before = rewardOf(settle([...others, asset]), others.length);
      const grown = { ...asset, measured: asset.measured + more, delivered: asset.delivered + more };
      const after = rewardOf(settle([...others, grown]), others.length);
      assert.ok(after + before / 1_000_000n + 1n >= before, `${before} fell to ${after}`);
    }),
    { numRuns: numRuns * 3 },
  );
});

test("R-7: bond alone earns nothing", () => {
  const settled = settle([{ kind: 0, place: 0, prefix: 0, measured: 0, delivered: 50, bondFair: 80 }]);
  assert.is(rewardOf(settled, 0), 0n);
});

test("R-12: a row at a time or all at once is the same table, and every leaf's explanation is its own", () => {
  fc.assert(
    fc.property(drafts, fc.integer({ min: 1, max: 7 }), (some, step) => {
      const [slow, fast] = [settle(some, step), settle(some)];
      assert.equal(slow.rewardsRoot, fast.rewardsRoot);
      assert.equal(slow.kinds, fast.kinds);
      assert.equal(slow.concentration, fast.concentration);
    }),
    { numRuns },
  );
});

test("R-9: emission never rises and falls by the fixed share each era", () => {
  for (let era = 0; era < 30; era++) {
    const now = emissionAt(era * p.eraEpochs, p);
    assert.is(emissionAt((era + 1) * p.eraEpochs - 1, p), now);
    assert.is(emissionAt((era + 1) * p.eraEpochs, p), (now * 880_000n) / 1_000_000n);
  }
  const { emission, kinds, committee, audits, treasury } = budgetsAt(5, p);
  assert.is(kinds.reduce((sum, budget) => sum + budget, 0n) + committee + audits + treasury, emission);
});

test("R-10: concentration agrees with the textbook", () => {
  assert.equal(concentrationOf([]), {
    giniPpm: 0,
    herfindahlPpm: 0,
    nakamotoThird: 0,
    nakamotoHalf: 0,
    topSharePpm: 0,
  });
  assert.equal(concentrationOf([5n, 5n, 5n, 5n]), {
    giniPpm: 0,
    herfindahlPpm: 250_000,
    nakamotoThird: 2,
    nakamotoHalf: 3,
    topSharePpm: 250_000,
  });
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: 1n, max: 1n << 40n }), { minLength: 1, maxLength: 30 }), (amounts) => {
      const values = amounts.map(Number);
      const total = values.reduce((sum, value) => sum + value, 0);
      const differences = values.flatMap((a) => values.map((b) => Math.abs(a - b))).reduce((sum, d) => sum + d, 0);
      const gini = differences / (2 * values.length * total);
      const found = concentrationOf(amounts);
      assert.ok(Math.abs(found.giniPpm / 1e6 - gini) < 2e-6);
      assert.ok(Math.abs(found.topSharePpm / 1e6 - Math.max(...values) / total) < 2e-6);
      assert.equal(concentrationOf(amounts.toReversed()), found);
    }),
    { numRuns },
  );
});

test("P-5: the lower median over all auditors, a missing entry counting as the last outcome", () => {
  const entry = (measured: bigint, passed = 1) =>
    ({ measured, passed, attempted: 1, direct: true, latencyMs: 1 }) as never;
  const last = { ...noOutcome, measured: 4n, passPpm: 1_000_000, measuredEpochs: 2 };
  const past = { last, epoch: 5 };
  assert.is(outcomeOf([entry(10n), entry(8n), entry(2n)], 3, past).measured, 8n);
  // One of three is missing: it counts as 4.
  assert.is(outcomeOf([entry(10n), entry(8n)], 3, past).measured, 8n);
  assert.is(outcomeOf([entry(10n), entry(2n)], 3, past).measured, 4n);
  // Below the majority: the last outcome at half pay, once.
  const held = outcomeOf([entry(10n)], 3, past);
  assert.equal([held.kind, held.measured, held.passPpm], ["held", 4n, 500_000]);
  const again = outcomeOf([entry(10n)], 3, { last: held.next, epoch: 6 });
  assert.equal([again.kind, again.measured], ["unmeasured", 0n]);
  // A minority of liars moves nothing beyond what honest auditors found.
  assert.is(outcomeOf([entry(7n), entry(7n), entry(1000n)], 3, past).measured, 7n);
});

test.run();
