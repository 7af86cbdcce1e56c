// The alert of a node that waits for blocks which its peers have let go.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { findingsOf, type Sight } from "../../../src/runtime/alerts/alert-rules.ts";

const sightOf = (sight: Pick<Sight, "nowMs" | "height" | "peersKeepFrom">): Sight => ({
  ...{ epoch: 0, committedMs: 0, blockAgeMs: undefined, blockIntervalMs: 1000, driftMs: 1000, assets: [] },
  ...{ syncing: true, peers: 1, observing: undefined, operator: undefined, reportOwed: false, reportTimePpm: 0 },
  ...{ freeBytes: undefined, reserveBytes: 0 },
  ...sight,
});

test("a node that needs blocks which its peers let go is told what to do, once it waited and only while it needs them", () => {
  const codes = (sight: Parameters<typeof sightOf>[0]) => findingsOf(sightOf(sight)).map(({ code }) => code);
  assert.equal(codes({ nowMs: 60_000, height: 0, peersKeepFrom: 313 }), ["blocks-gone"]);
  assert.equal(codes({ nowMs: 1_000, height: 0, peersKeepFrom: 313 }), [], "another peer may have them");
  assert.equal(codes({ nowMs: 60_000, height: 312, peersKeepFrom: 313 }), []);
  assert.equal(codes({ nowMs: 60_000, height: 0, peersKeepFrom: undefined }), []);
});

test.run();
