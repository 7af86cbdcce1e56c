// Reports as settlement walks them: entries in the order of assets, from the records as they are, in however many parts; what is
// passed over is misplaced (P-3, ADR 6). And which entries were audited, row by row.
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { AuditedRows } from "../../src/ledger/audited-rows.ts";
import { ReportWalk } from "../../src/ledger/settlement-reports.ts";
import { assetId, bigEndian, zeroDigest } from "../../src/primitives/index.ts";
import { type ReportEntry, tables } from "../../src/schema/index.ts";

const entryOf = (id: number): ReportEntry => ({
  assetId: assetId(bigEndian(id, 32)),
  passed: id % 7,
  attempted: 7,
  measured: BigInt(id) << 40n,
  latencyMs: id * 3,
  direct: id % 2 === 0,
  transcriptsRoot: zeroDigest,
});
const partOf = (ids: readonly number[]): Uint8Array =>
  tables.reportParts.codec.encode({ entries: ids.toSorted((a, b) => a - b).map(entryOf) });

test("every entry on an asset that is asked for is found and comes out as it was filed; the others are misplaced", () => {
  const ids = fc.array(fc.nat(60), { maxLength: 20 });
  fc.assert(
    fc.property(fc.array(ids, { maxLength: 4 }), ids, (parts, asked) => {
      const walk = new ReportWalk(parts.map(partOf));
      const filed = parts.flat();
      assert.is(walk.count, filed.length);
      let found = 0;
      for (const id of new Set(asked.toSorted((a, b) => a - b))) {
        const number = walk.take(bigEndian(id, 32));
        assert.is(number >= 0, filed.includes(id), `${id}`);
        if (number < 0) continue;
        found++;
        assert.equal(walk.entry(number), entryOf(id));
      }
      assert.is(walk.misplaced, filed.length - found);
    }),
  );
});

test("what was audited of a row comes out by its number; beyond the last row there is nothing", () => {
  const rows = [[{ auditor: 3, entry: 9 }], [], [7, 1, 4].map((auditor) => ({ auditor, entry: auditor * 2 }))];
  const audited = new AuditedRows();
  for (const row of rows) audited.push(row);
  assert.equal(
    rows.map((_, at) => audited.at(at)),
    rows,
  );
  assert.equal(audited.at(3), []);
});

test.run();
