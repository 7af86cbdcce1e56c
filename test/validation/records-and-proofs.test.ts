// D-3 and P-4 by rule: a record of an asset is believed when the ledger has it just so and its owner signed it for a time that is
// not over and not too long; a proof of service is of its owner and of an epoch that is being settled.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { sha256, type Verifier } from "../../src/crypto/index.ts";
import { createNativeSigner, createVerifier } from "../../src/native/index.ts";
import { assetId, equalBytes, networkId, utf8ToBytes } from "../../src/primitives/index.ts";
import {
  type Asset,
  type AssetRecord,
  assetCodec,
  assetRecordCodec,
  assetStatuses,
  type ProofOfService,
  proofOfServiceCodec,
  signedAssetRecordCodec,
  signedProofOfServiceCodec,
  signingRoot,
} from "../../src/schema/index.ts";
import {
  checkAssetRecord,
  createSequencedValidator,
  type NetworkView,
  proofOfServiceRule,
  Recent,
  recordEpochsMax,
} from "../../src/validation/index.ts";

const owner = createNativeSigner(sha256(utf8ToBytes("owner")));
const other = createNativeSigner(sha256(utf8ToBytes("other")));
const stranger = createNativeSigner(sha256(utf8ToBytes("stranger")));
const net = networkId(new Uint8Array(32).fill(9));
const empty = assetCodec.empty();
const idOf = (fill: number) => assetId(new Uint8Array(32).fill(fill));
const make = (fill: number, by = owner, status = 0): Asset => ({
  ...empty,
  ...{ id: idOf(fill), owner: by.accountId, status },
  terms: { ...empty.terms, units: 100n },
});
const asset = make(5);
const retired = make(6, owner, assetStatuses.indexOf("retired"));
const foreign = make(7, other);
const unsigned = make(8, stranger);
const ledger = [asset, retired, foreign, unsigned];
const now = 10;
const view: NetworkView = {
  networkId: net,
  epoch: () => now,
  publicKey: (account) => [owner, other].find((each) => equalBytes(each.accountId, account))?.publicKey,
  mayHaveOtherKey: () => false,
  asset: (id) => ledger.find((each) => equalBytes(each.id, id)),
};
let verifications = 0;
const native = createVerifier();
const verifier: Verifier = {
  name: "native",
  verify(check) {
    verifications++;
    return native.verify(check);
  },
};

async function recordOf(change: Partial<AssetRecord> = {}, by = owner, signer = by): Promise<string> {
  const record = { ...assetRecordCodec.empty(), asset, expiresEpoch: now + 1, ...change };
  const signature = await signer.sign(signingRoot(assetRecordCodec.root(record), net, "record"), "record");
  verifications = 0;
  const found = await checkAssetRecord(signedAssetRecordCodec.encode({ record, signature }), by.accountId, {
    ...{ view, verifier },
  });
  return found.ok ? "ok" : `${found.error.verdict} ${found.error.code}, ${verifications} checked`;
}

test("D-3: a record is believed until the epoch that it names is over, and for no longer than is allowed", async () => {
  assert.is(await recordOf(), "ok");
  assert.is(await recordOf({ expiresEpoch: now }), "ok");
  assert.is(await recordOf({ expiresEpoch: now - 1 }), "ignore expired, 0 checked");
  assert.is(await recordOf({ expiresEpoch: now + recordEpochsMax + 1 }), "ok");
  assert.is(await recordOf({ expiresEpoch: now + recordEpochsMax + 2 }), "reject wrong-epoch, 0 checked");
});

test("D-3: a record that the ledger does not bear out costs no signature check", async () => {
  assert.is(await recordOf({ asset: make(9) }), "ignore unknown-asset, 0 checked");
  assert.is(await recordOf({ asset: retired }), "ignore unknown-asset, 0 checked");
  assert.is(await recordOf({ asset: foreign }), "reject wrong-owner, 0 checked");
  assert.is(await recordOf({ asset: { ...foreign, owner: owner.accountId } }), "reject wrong-owner, 0 checked");
  const more = { ...asset, terms: { ...asset.terms, units: 101n } };
  assert.is(await recordOf({ asset: more }), "ignore stale-sequence, 0 checked");
  assert.is(await recordOf({ asset: unsigned }, stranger), "ignore unknown-signer, 0 checked");
});

test("D-3: another's signature and noise are rejected", async () => {
  assert.is(await recordOf({}, owner, other), "reject bad-signature, 1 checked");
  const noise = await checkAssetRecord(new Uint8Array(3), owner.accountId, { view, verifier });
  assert.ok(!noise.ok && noise.error.verdict === "reject");
});

async function proofOf(change: Partial<ProofOfService> = {}, by = owner): Promise<string> {
  const proof = {
    ...proofOfServiceCodec.empty(),
    owner: by.accountId,
    assetId: asset.id,
    seq: 1,
    epoch: now,
    ...change,
  };
  const signature = await by.sign(signingRoot(proofOfServiceCodec.root(proof), net, "proof"), "proof");
  verifications = 0;
  const validate = createSequencedValidator(proofOfServiceRule, { view, verifier, subjectsMax: 10 });
  const result = await validate(signedProofOfServiceCodec.encode({ proof, signature }));
  return result.ok ? "ok" : `${result.error.verdict} ${result.error.code}, ${verifications} checked`;
}

test("P-4: a proof is of this epoch or of the two before", async () => {
  for (const epoch of [now, now - 1, now - 2]) assert.is(await proofOf({ epoch }), "ok");
  for (const epoch of [now + 1, now - 3]) assert.is(await proofOf({ epoch }), "ignore wrong-epoch, 0 checked");
});

test("P-4: only an asset's owner proves its service", async () => {
  assert.is(await proofOf({ assetId: idOf(9) }), "ignore unknown-asset, 0 checked");
  assert.is(await proofOf({}, other), "reject wrong-owner, 0 checked");
  assert.is(await proofOf({ assetId: foreign.id }, other), "ok");
});

test("what was seen lately is bounded, and the least lately set goes first", () => {
  const recent = new Recent<number>(2);
  recent.set("a", 1);
  recent.set("b", 2);
  recent.set("a", 3);
  recent.set("c", 4);
  assert.equal([recent.size, recent.get("a"), recent.get("b"), recent.get("c")], [2, 3, undefined, 4]);
});

test.run();
