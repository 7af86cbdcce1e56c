// D-2 and the order of the stages: each rule broken once, and the signature asked for only when all else held.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { sha256, type Verifier } from "../../src/crypto/index.ts";
import { createNativeSigner, createVerifier } from "../../src/native/index.ts";
import { type AccountId, assetId, keyOf, networkId, utf8ToBytes } from "../../src/primitives/index.ts";
import { assetCodec, type Capacity, capacityCodec, signedCapacityCodec, signingRoot } from "../../src/schema/index.ts";
import {
  capacityEpochsMax,
  capacityRule,
  createSequencedValidator,
  type NetworkView,
} from "../../src/validation/index.ts";

const signer = createNativeSigner(sha256(utf8ToBytes("owner")));
const nextKey = createNativeSigner(sha256(utf8ToBytes("the owner's next key")));
const other = createNativeSigner(sha256(utf8ToBytes("other")));
const id = assetId(new Uint8Array(32).fill(5));
const net = networkId(new Uint8Array(32).fill(9));
const empty = assetCodec.empty();
const asset = { ...empty, id, owner: signer.accountId, terms: { ...empty.terms, units: 100n } };
const keys = new Map([signer, other].map((each) => [keyOf(each.accountId), each.publicKey]));

let epoch = 10;
let rotated = false;
const view: NetworkView = {
  networkId: net,
  epoch: () => epoch,
  publicKey: (account: AccountId) => keys.get(keyOf(account)),
  mayHaveOtherKey: () => rotated,
  asset: (asked) => (keyOf(asked) === keyOf(id) ? asset : undefined),
};

const native = createVerifier();
let verifications = 0;
const verifier: Verifier = {
  name: "native",
  verify: (check) => {
    verifications++;
    return native.verify(check);
  },
};
const fresh = () => createSequencedValidator(capacityRule, { view, verifier, subjectsMax: 100 });

const good: Capacity = {
  ...capacityCodec.empty(),
  owner: signer.accountId,
  assetId: id,
  seq: 1,
  epoch: 10,
  expiresEpoch: 12,
  freeUnits: 40n,
};

async function signed(change: Partial<Capacity> = {}, by = signer): Promise<Uint8Array> {
  const capacity = { ...good, ...change };
  const signature = await by.sign(signingRoot(capacityCodec.root(capacity), net, "capacity"), "capacity");
  return signedCapacityCodec.encode({ capacity, signature });
}

test("a right advertisement is verified", async () => {
  const result = await fresh()(await signed());
  assert.ok(result.ok);
  assert.is(result.value.capacity.freeUnits, 40n);
});

test("D-2: what is at an edge is taken: all units free, ending now, lasting as long as may be", async () => {
  const longest = { expiresEpoch: good.epoch + capacityEpochsMax };
  for (const change of [{ freeUnits: 100n }, { expiresEpoch: good.epoch }, longest]) {
    assert.ok((await fresh()(await signed(change))).ok, Object.keys(change).join());
  }
});

for (const [what, change, verdict, code] of [
  ["expired", { epoch: 7, expiresEpoch: 9 }, "ignore", "expired"],
  ["from the future", { epoch: 12, expiresEpoch: 13 }, "ignore", "wrong-epoch"],
  ["lasting too long", { expiresEpoch: 35 }, "reject", "wrong-epoch"],
  ["ending before it begins", { epoch: 11, expiresEpoch: 10 }, "reject", "wrong-epoch"],
  ["more than registered", { freeUnits: 101n }, "ignore", "beyond-registered"],
  ["an unknown asset", { assetId: assetId(new Uint8Array(32)) }, "ignore", "unknown-asset"],
  ["another's asset", { owner: other.accountId }, "reject", "wrong-owner"],
  ["an unknown account", { owner: new Uint8Array(32) as AccountId }, "ignore", "unknown-signer"],
] as const) {
  test(`D-2: ${what} is not taken, and costs no signature check`, async () => {
    verifications = 0;
    const result = await fresh()(await signed(change as Partial<Capacity>));
    assert.ok(!result.ok);
    assert.is(result.error.code, code);
    assert.is(result.error.verdict, verdict);
    assert.is(verifications, 0);
  });
}

test("a wrong signature is rejected and leaves no trace", async () => {
  const validate = fresh();
  const forged = await validate(await signed({ seq: 99 }, other));
  assert.ok(!forged.ok && forged.error.code === "bad-signature" && forged.error.verdict === "reject");
  assert.ok((await validate(await signed({ seq: 1 }))).ok);
});

test("whoever relays what was signed with a key of which only the one of us knows is not held to blame", async () => {
  rotated = true;
  const other = await fresh()(await signed({ seq: 99 }, nextKey));
  rotated = false;
  assert.ok(!other.ok && other.error.code === "bad-signature" && other.error.verdict === "ignore");
});

test("lower and equal sequences are ignored, the same bytes are a duplicate", async () => {
  const validate = fresh();
  const bytes = await signed({ seq: 5 });
  assert.ok((await validate(bytes)).ok);
  const again = await validate(bytes);
  assert.ok(!again.ok && again.error.code === "duplicate");
  const lower = await validate(await signed({ seq: 4 }));
  assert.ok(!lower.ok && lower.error.code === "stale-sequence");
});

test("D-2: at most four an epoch; the next epoch starts anew", async () => {
  const validate = fresh();
  for (let seq = 1; seq <= 4; seq++) assert.ok((await validate(await signed({ seq }))).ok);
  const fifth = await validate(await signed({ seq: 5 }));
  assert.ok(!fifth.ok && fifth.error.code === "quota");
  epoch = 11;
  assert.ok((await validate(await signed({ seq: 6 }))).ok);
  epoch = 10;
});

test("the same sequence verified twice at once is taken once", async () => {
  const validate = fresh();
  const [a, b] = await Promise.all([
    validate(await signed({ seq: 3 })),
    validate(await signed({ seq: 3, freeUnits: 1n })),
  ]);
  assert.is([a, b].filter((result) => result.ok).length, 1);
});

test("noise is rejected", async () => {
  const result = await fresh()(new Uint8Array([1, 2, 3]));
  assert.ok(!result.ok && result.error.verdict === "reject");
});

test.run();
