// Where a node's trust can begin: what its operator pinned first, then its own last term's end, then genesis, the latter two only
// within the trusting period.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { trustingMs } from "../../../src/ledger/index.ts";
import { digest } from "../../../src/primitives/index.ts";
import { trustStarts } from "../../../src/runtime/sync/trust-starts.ts";
import { parametersOf } from "../../../src/schema/index.ts";

const parameters = parametersOf("devnet");
const nowMs = 10 * trustingMs(parameters);
const old = nowMs - trustingMs(parameters) - 1;
const pinned = digest(new Uint8Array(32).fill(1));
const own = digest(new Uint8Array(32).fill(2));

const names = (given: { readonly checkpoint?: typeof pinned; readonly ownMs?: number; readonly genesisMs: number }) =>
  trustStarts(
    {
      parameters,
      queries: { termEnd: () => (given.ownMs === undefined ? undefined : { timestampMs: given.ownMs, digest: own }) },
    } as never,
    { genesis: { timestampMs: given.genesisMs } as never, checkpoint: given.checkpoint, nowMs },
  ).map(({ name }) => name);

test("what is older than the trusting period is no beginning, but for what is pinned", () => {
  assert.equal(names({ checkpoint: pinned, ownMs: nowMs, genesisMs: nowMs }), ["checkpoint", "own", "genesis"]);
  assert.equal(names({ ownMs: old + 1, genesisMs: old }), ["own"]);
  assert.equal(names({ ownMs: old, genesisMs: old + 1 }), ["genesis"]);
  assert.equal(names({ ownMs: old, genesisMs: old }), []);
  assert.equal(names({ checkpoint: pinned, genesisMs: old }), ["checkpoint"]);
});

test.run();
