// The alert for assets that their service found damaged.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { assetId } from "../../../src/primitives/index.ts";
import { findingsOf, type Sight } from "../../../src/runtime/alerts/alert-rules.ts";

const sightOf = (faults: readonly string[]): Sight => ({
  ...{ nowMs: 1, height: 1, epoch: 1, committedMs: 1, blockAgeMs: undefined, blockIntervalMs: 1000, driftMs: 1000 },
  ...{
    syncing: false,
    peers: 1,
    peersKeepFrom: undefined,
    observing: undefined,
    operator: undefined,
    reportOwed: false,
    reportTimePpm: 0,
  },
  ...{ freeBytes: undefined, reserveBytes: 0 },
  assets: [{ id: assetId(new Uint8Array(32)), kind: "storage", passPpm: 1_000_000, faults }],
});

test("an asset that was found damaged is an alert that names the last fault, and none when a round found all whole", () => {
  assert.equal(findingsOf(sightOf([])), []);
  const [found, ...others] = findingsOf(sightOf(["sector 1 was damaged", "sector 7 was damaged"]));
  assert.equal(others, []);
  assert.is(found?.code, "damaged-storage-00000000");
  assert.match(found?.message as string, /2 times.*sector 7 was damaged/);
});

test.run();
