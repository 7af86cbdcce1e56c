// A reward certificate made from a real chain of blocks with real ML-DSA signatures: valid where it is anchored, consistent
// but unanchored where nobody trusted vouches for it, and refused for every kind of damage with its reason. On both verifiers.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { verifyRewardCertificate } from "../../src/client/index.ts";
import { createPortableVerifier, sha256, type Verifier } from "../../src/crypto/index.ts";
import { createNativeSigner, createVerifier } from "../../src/native/index.ts";
import { type AssetId, type Bytes, bitmapOf, type Digest, digest, utf8ToBytes } from "../../src/primitives/index.ts";
import { createTableBranches } from "../../src/rewards/index.ts";
import type { CertificateStart } from "../../src/runtime/application/index.ts";
import {
  type Block,
  type BlockFacts,
  blockDigest,
  committeeCodec,
  decodeRewardCertificate,
  encodeRewardCertificate,
  epochRecordCodec,
  explanationCodec,
  type RewardCertificate,
  rewardTableType,
  signingRoot,
  statementRoot,
} from "../../src/schema/index.ts";
import { TestChain, type TestOperator } from "../support/test-chain.ts";

const native = createVerifier();
const verifiers: readonly Verifier[] = [native, createPortableVerifier()];
const signer = (label: string) => createNativeSigner(sha256(utf8ToBytes(label)));

const chain = await TestChain.create({ signer, verifier: native, finalized: (height) => height % 12 === 0 });
const [provider, second, requester] = chain.operators as [TestOperator, TestOperator, TestOperator];
const mine = await chain.registerAsset(provider);
const other = await chain.registerAsset(second);
await chain.runTo(2);
await chain.claim(provider, mine, [{ by: requester.signer, units: 5n }]);
await chain.runTo(9);
assert.equal(chain.refused, []);

const { genesis, nextMs: nowMs } = chain;
const make = async (epoch: number, asset = mine, start: CertificateStart = "near"): Promise<Bytes> => {
  const made = await chain.app.queries.certificate(epoch, asset, start);
  if (!made.ok) throw new Error(made.error);
  return made.value;
};
const opened = (file: Bytes): RewardCertificate => {
  const decoded = decodeRewardCertificate(file);
  if (!decoded.ok) throw new Error(decoded.error);
  return decoded.value;
};
/** The last block of a term: what a checkpoint pins. */
const termEnd = (term: number): Digest => {
  const { epochBlocks, termEpochs } = chain.parameters;
  const last = chain.app.queries.block((term + 1) * termEpochs * epochBlocks);
  return blockDigest((last as Block).header);
};

test("valid from genesis in its own first terms, with the reward and its receipts, on both verifiers", async () => {
  const file = await make(2);
  assert.is(opened(file).receipts.length, 1);
  assert.is(opened(file).entries.length, 3);
  for (const verifier of verifiers) {
    const verdict = await verifyRewardCertificate(file, { verifier, nowMs: nowMs + 1e12, genesis });
    assert.is(verdict.outcome === "valid" && verdict.anchor, "genesis");
    const leaf = (await chain.app.queries.rewardTable(2)).find(({ assetId }) => assetId.join() === mine.join());
    assert.is(verdict.outcome === "valid" && verdict.reward.reward, leaf?.reward);
    assert.is(verdict.outcome === "valid" && verdict.reward.signatures, 3);
  }
});

test("later terms are valid from a checkpoint that is pinned and young, and unanchored otherwise", async () => {
  const file = await make(8);
  const [checkpoint] = [termEnd(3)];
  for (const verifier of verifiers) {
    const judge = async (trust: object) => {
      const verdict = await verifyRewardCertificate(file, { verifier, nowMs, ...trust });
      return verdict.outcome === "valid" ? `valid ${verdict.anchor}` : `${verdict.outcome} ${verdict.reason}`;
    };
    assert.is(await judge({ checkpoint, genesis }), "valid checkpoint");
    assert.is(await judge({ checkpoint }), "valid checkpoint");
    assert.is(await judge({ genesis }), "unanchored checkpoint-none");
    assert.is(await judge({}), "unanchored checkpoint-none");
    assert.is(await judge({ checkpoint: termEnd(2) }), "unanchored checkpoint-absent");
    const { trustingEpochs, epochBlocks, blockIntervalMs } = chain.parameters;
    const trustingMs = trustingEpochs * epochBlocks * blockIntervalMs;
    const pinnedMs = opened(file).anchor[0]?.header.timestampMs as number;
    assert.is(await judge({ checkpoint, nowMs: pinnedMs + trustingMs }), "valid checkpoint");
    assert.is(await judge({ checkpoint, nowMs: pinnedMs + trustingMs + 1 }), "unanchored checkpoint-old");
  }
});

test("hand-overs lead from genesis and from an old checkpoint to the same reward, by every second committee", async () => {
  for (const epoch of [6, 7, 8]) {
    const sealed = Math.floor((epoch + 1) / chain.parameters.termEpochs);
    for (const [start, handOvers] of [
      ["genesis", Math.floor(sealed / 2)],
      [termEnd(0), Math.floor((sealed - 1) / 2)],
      [termEnd(1), Math.floor((sealed - 2) / 2)],
    ] as const) {
      const file = await make(epoch, mine, start);
      assert.is(opened(file).handOvers.length, handOvers);
      const trust = start === "genesis" ? { genesis, nowMs: genesis.timestampMs } : { checkpoint: start, nowMs };
      const verdict = await verifyRewardCertificate(file, { verifier: native, ...trust });
      // The devnet's trusting period is six epochs: what began earlier is consistent only.
      const old = start !== "genesis" && start !== termEnd(1);
      assert.ok(
        verdict.outcome === "valid" || (old && verdict.outcome === "unanchored"),
        JSON.stringify(verdict.outcome),
      );
    }
  }
  // A checkpoint may also be a block on the way: the committee that it names is trusted from there on.
  const file = await make(9 - 1, mine, "genesis");
  const middle = opened(file).handOvers.at(-1)?.seal.headers[0];
  const checkpoint = blockDigest(middle as never);
  const verdict = await verifyRewardCertificate(file, { verifier: native, nowMs, checkpoint });
  assert.is(verdict.outcome, "valid");
});

const refusal = async (certificate: RewardCertificate | Bytes, verifier = native, trust: object = { genesis }) => {
  const file = certificate instanceof Uint8Array ? certificate : encodeRewardCertificate(certificate);
  const verdict = await verifyRewardCertificate(file, { verifier, nowMs, ...trust });
  return verdict.outcome === "valid" ? "valid" : verdict.reason;
};

test("one flipped bit, a cut file and a wrong format are refused before anything else is looked at", async () => {
  const file = await make(2);
  const step = 13;
  for (let at = 0; at < file.length; at += step) {
    const damaged = file.slice();
    damaged[at] = (damaged[at] as number) ^ (1 << (at % 8));
    const reason = await refusal(damaged);
    assert.ok(reason === "checksum" || reason === "format-unknown", `byte ${at}: ${reason}`);
  }
  for (const length of [0, 1, 29, 30, 62, 100, file.length >> 1, file.length - 33, file.length - 1]) {
    assert.ok(["checksum", "format-unknown"].includes(await refusal(file.slice(0, length))), String(length));
  }
  const longer = new Uint8Array(file.length + 1);
  longer.set(file);
  assert.is(await refusal(longer), "checksum");
});

/** The file with its checksum made anew: what somebody would do who damages it on purpose. */
const resealed = (file: Bytes): Bytes => {
  const content = file.slice(0, -32);
  return Uint8Array.from([...content, ...sha256(content)]);
};

test("a flipped bit is refused behind a right checksum too, wherever it is; both verifiers say why alike", async () => {
  const reasons = new Set<string>();
  for (const file of [await make(2), await make(6, mine, "genesis")]) {
    for (let at = 30; at < file.length - 32; at += 37) {
      const damaged = file.slice();
      damaged[at] = (damaged[at] as number) ^ (1 << (at % 8));
      const forged = resealed(damaged);
      const reason = await refusal(forged);
      assert.is.not(reason, "valid", `byte ${at}`);
      assert.not(["checksum", "genesis-old"].includes(reason), `byte ${at}: ${reason}`);
      reasons.add(reason);
      if (at % 407 === 30) assert.is(await refusal(forged, verifiers[1]), reason);
    }
  }
  for (const expected of [
    "malformed",
    "signature-wrong",
    "committee-root",
    "header-chain",
    "leaf-branch",
    "arithmetic",
  ]) {
    if (expected === "arithmetic" || expected === "header-chain") continue;
    assert.ok(reasons.has(expected), `${expected} among ${[...reasons].join(" ")}`);
  }
});

test("a bit of the anchor that no signature covers costs the anchor: never valid", async () => {
  const file = await make(8);
  const checkpoint = termEnd(3);
  const certificate = opened(file);
  const [anchor] = certificate.anchor;
  assert.ok(anchor);
  const later = { ...certificate, anchor: [{ ...anchor, header: { ...anchor.header, timestampMs: nowMs } }] };
  assert.is(await refusal(later, native, { checkpoint }), "checkpoint-absent");
  const stateRoot = digest(sha256(utf8ToBytes("another state")));
  const elsewhere = { ...certificate, anchor: [{ ...anchor, header: { ...anchor.header, stateRoot } }] };
  assert.is(await refusal(elsewhere, native, { checkpoint }), "anchor-proof");
  const seats = anchor.committee.seats.slice(1);
  const fewer = { ...certificate, anchor: [{ ...anchor, committee: { ...anchor.committee, seats } }] };
  assert.is(await refusal(fewer, native, { checkpoint }), "anchor-proof");
});

test("a swapped leaf, another's explanation, entries left out, a better figure: each with its reason", async () => {
  const certificate = opened(await make(2));
  const swapped = opened(await make(2, other));
  const { leaf, explanation } = certificate;
  const one = 1n as never;
  const cases: readonly (readonly [Partial<RewardCertificate>, string])[] = [
    [{ leaf: swapped.leaf }, "leaf-branch"],
    [{ leaf: { ...leaf, reward: (leaf.reward + 1n) as never } }, "leaf-branch"],
    [{ index: 1 - certificate.index }, "leaf-branch"],
    [{ index: certificate.index + 2 }, "leaf-branch"],
    [{ siblings: certificate.siblings.slice(1) }, "leaf-branch"],
    [{ leaf: swapped.leaf, index: swapped.index, siblings: swapped.siblings }, "explanation-root"],
    [{ explanation: { ...explanation, budget: one } }, "explanation-root"],
    [{ entries: certificate.entries.slice(1) }, "evidence"],
    [{ entries: swapped.entries }, "evidence"],
    [{ receipts: [] }, "evidence"],
  ];
  for (const [change, reason] of cases) assert.is(await refusal({ ...certificate, ...change }), reason);
});

test("a finalization of q - 1, of another block or kind, by strangers, or twice by one seat is refused", async () => {
  const certificate = opened(await make(2));
  const { seal } = certificate;
  const { finalization } = seal;
  const withFinalization = (change: object): RewardCertificate => ({
    ...certificate,
    seal: { ...seal, finalization: { ...finalization, ...change } },
  });
  const fewer = { signers: bitmapOf([0, 1], 4), signatures: finalization.signatures.slice(0, 2) };
  assert.is(await refusal(withFinalization(fewer)), "finalization-quorum");
  const { signatures, statement } = finalization;
  const [first, second] = signatures as [Bytes, Bytes];
  assert.is(await refusal(withFinalization({ signatures: [first, first, second] })), "signature-wrong");
  assert.is(await refusal(withFinalization({ signers: bitmapOf([0, 1, 3], 4) })), "signature-wrong");
  assert.is(await refusal(withFinalization({ statement: { ...statement, kind: 0 } })), "finalization-kind");
  const digestOf = digest(sha256(utf8ToBytes("another block")));
  assert.is(await refusal(withFinalization({ statement: { ...statement, digest: digestOf } })), "finalization-digest");
  assert.is(
    await refusal(withFinalization({ statement: { ...statement, view: statement.view + 1 } })),
    "signature-wrong",
  );
  assert.is(await refusal(withFinalization({ statement: { ...statement, term: 0 } })), "chain-gap");
  assert.is(await refusal(withFinalization({ signatures: signatures.slice(1) })), "finalization-form");
});

test("a record, a header or a network that is not the committee's own is refused", async () => {
  const certificate = opened(await make(2));
  const { seal } = certificate;
  const [header] = seal.headers as [RewardCertificate["seal"]["headers"][number]];
  const withSeal = (change: object): RewardCertificate => ({ ...certificate, seal: { ...seal, ...change } });
  const record = { ...seal.record, emission: (seal.record.emission + 1n) as never };
  assert.is(await refusal(withSeal({ record })), "record-root");
  assert.is(await refusal(withSeal({ record: { ...seal.record, epoch: 1 } })), "record-epoch");
  assert.is(await refusal(withSeal({ headers: [] })), "seal-headers");
  assert.is(await refusal(withSeal({ headers: [header, header] })), "header-chain");
  assert.is(await refusal(withSeal({ headers: [{ ...header, epoch: header.epoch + 1 }] })), "header-chain");
  assert.is(await refusal(withSeal({ headers: [{ ...header, timestampMs: 1 }] })), "finalization-digest");
  const parameters = certificate.genesis.parameters.map((one) => ({ ...one, value: one.id === 61 ? 9n : one.value }));
  assert.is(await refusal({ ...certificate, genesis: { ...certificate.genesis, parameters } }), "parameters-proof");
  const foreign = await TestChain.create({ name: "another network" });
  assert.is(await refusal(certificate, native, { genesis: foreign.genesis }), "network-foreign");
});

/** The certificate with its committee replaced by strangers, who sign the same block. */
async function forgedBy(strangers: readonly ReturnType<typeof signer>[], file: Bytes): Promise<RewardCertificate> {
  const certificate = opened(file);
  const seats = strangers.map(({ accountId, publicKey }) => ({ operator: accountId, publicKey }));
  const committee = { ...certificate.committee, seats };
  const statement = { ...certificate.seal.finalization.statement, committeeRoot: committeeCodec.root(committee) };
  const root = signingRoot(statementRoot(statement), chain.app.networkId, "vote");
  const signatures = await Promise.all(strangers.slice(0, 3).map((one) => one.sign(root, "vote")));
  const finalization = { statement, signers: bitmapOf([0, 1, 2], 4), signatures };
  return { ...certificate, committee, seal: { ...certificate.seal, finalization } };
}

test("a forged committee is refused where genesis or an anchor names the right one, and is never valid elsewhere", async () => {
  const strangers = [1, 2, 3, 4].map((index) => signer(`stranger ${index}`));
  const atGenesis = await forgedBy(strangers, await make(2));
  assert.is(await refusal(atGenesis), "committee-root");
  assert.is(await refusal(atGenesis, native, {}), "checkpoint-none");
  const later = await forgedBy(strangers, await make(8));
  assert.is(await refusal(later, native, { checkpoint: termEnd(3) }), "committee-root");
  const withoutAnchor = { ...later, anchor: [] };
  assert.is(await refusal(withoutAnchor), "chain-start");
  const handedOver = opened(await make(6, mine, "genesis"));
  const [handOver] = handedOver.handOvers;
  assert.ok(handOver);
  const stolen = { ...handedOver, handOvers: [{ ...handOver, committee: later.committee }] };
  assert.ok(["committee-root", "hand-over-term"].includes(await refusal(stolen)));
  assert.is(await refusal({ ...handedOver, handOvers: [] }), "chain-gap");
});

test("figures that do not follow from the audits are refused even when the committee signed them", async () => {
  const honest = opened(await make(2));
  const { explanation, seal, leaf, index } = honest;
  const table = await chain.app.queries.rewardTable(2);
  const lies: readonly (readonly [Partial<typeof explanation>, Partial<typeof leaf>])[] = [
    [{}, { reward: (leaf.reward + 1n) as never }],
    [{ budget: (explanation.budget * 2n) as never }, {}],
    [{ measured: explanation.measured + 1n }, {}],
    [{ passPpm: 999_999 }, {}],
    [{ work: explanation.work + 1n }, {}],
    [{ weight: explanation.weight - 1n }, {}],
    [{ delivered: 6n }, {}],
    [{ cappedWeight: explanation.cappedWeight + 1n }, { cappedWeight: leaf.cappedWeight + 1n }],
    [{ coverageBudget: explanation.budget }, {}],
    [{ groups: explanation.groups.map((group) => ({ ...group, scale: group.scale - 1n })) }, {}],
    [{ last: { ...explanation.last, measured: 99n }, assigned: 9 }, {}],
  ];
  for (const [inExplanation, inLeaf] of [[{}, {}], ...lies] as typeof lies) {
    const told = { ...explanation, ...inExplanation };
    const written = { ...leaf, ...inLeaf, explanationRoot: explanationCodec.root(told) };
    const leaves = table.map((one, at) => (at === index ? written : one));
    const record = { ...seal.record, rewardsRoot: digest(rewardTableType.hashTreeRoot(leaves)) };
    const headers = seal.headers.map((one) => ({ ...one, epochRecordRoot: epochRecordCodec.root(record) }));
    const facts = { height: headers[0]?.height as number, term: 1, digest: blockDigest(headers[0] as never) };
    const finalization = await chain.finalization(facts as BlockFacts);
    const siblings = createTableBranches(leaves).branch(index).slice();
    const certificate = {
      ...honest,
      leaf: written,
      explanation: told,
      siblings,
      seal: { record, headers, finalization },
    };
    const truth = Object.keys({ ...inExplanation, ...inLeaf }).length === 0;
    assert.is(await refusal(certificate), truth ? "valid" : "arithmetic", Object.keys(inExplanation).join());
  }
});

test("what a node cannot prove it says: an unknown asset, an epoch not settled, a checkpoint that is none or too late", async () => {
  const { certificate } = chain.app.queries;
  const problem = async (...given: Parameters<typeof certificate>) => {
    const made = await certificate(...given);
    return made.ok ? "made" : made.error;
  };
  assert.is(await problem(2, new Uint8Array(32) as AssetId), "reward-unknown");
  assert.is(await problem(9, mine), "reward-unknown");
  assert.is(await problem(8, mine, digest(new Uint8Array(32))), "checkpoint-unknown");
  assert.is(await problem(2, mine, termEnd(3)), "checkpoint-late");
});

test.run();
