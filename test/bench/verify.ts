// Signed advertisements a second through the validation pipeline (bytes in, every stage, 64 in work, 64 signers; rounds long
// enough for warm code) against crypto.verify alone on the thread pool over the same signatures. Beside it: our Verifier
// alone, the portable one, signing.
import "../../src/native/hasher.ts";
import { createPublicKey, verify } from "node:crypto";
import { deriveKey, type SignatureCheck, sha256, signingContext, verifyPortably } from "../../src/crypto/index.ts";
import { createNativeSigner, createVerifier } from "../../src/native/index.ts";
import type { Signer } from "../../src/ports/index.ts";
import { assetId, type Bytes, bigEndian, concatBytes, fromHex, keyOf, networkId } from "../../src/primitives/index.ts";
import { assetCodec, capacityCodec, signedCapacityCodec, signingRoot } from "../../src/schema/index.ts";
import { capacityRule, createSequencedValidator, type NetworkView } from "../../src/validation/index.ts";
import { alternate, type BenchResult, perSecond } from "./measure.ts";

export const title = "signed messages validated a second, against crypto.verify alone on the thread pool";

const load = { total: 8000, concurrency: 64 };
const signersCount = 64;
const network = networkId(new Uint8Array(32).fill(9));

interface Message extends SignatureCheck {
  readonly bytes: Bytes;
}

async function makeMessage(signer: Signer, number: number): Promise<Message> {
  const id = assetId(sha256(bigEndian(number)));
  const fields = { owner: signer.accountId, assetId: id, seq: 1, epoch: 1, expiresEpoch: 2, freeUnits: 1n };
  const capacity = { ...capacityCodec.empty(), ...fields };
  const root = signingRoot(capacityCodec.root(capacity), network, "capacity");
  const signature = await signer.sign(root, "capacity");
  const bytes = signedCapacityCodec.encode({ capacity, signature });
  return { publicKey: signer.publicKey, root, purpose: "capacity", signature, bytes };
}

function viewOf(signers: readonly Signer[]): NetworkView {
  const keys = new Map(signers.map((signer) => [keyOf(signer.accountId), signer.publicKey]));
  const empty = assetCodec.empty();
  const terms = { ...empty.terms, units: 1n };
  const assets = new Map(
    Array.from({ length: load.total }, (_, number) => {
      const id = assetId(sha256(bigEndian(number)));
      const owner = (signers[number % signers.length] as Signer).accountId;
      return [keyOf(id), { ...empty, id, owner, terms }] as const;
    }),
  );
  return {
    networkId: network,
    epoch: () => 1,
    publicKey: (account) => keys.get(keyOf(account)),
    mayHaveOtherKey: () => false,
    asset: (id) => assets.get(keyOf(id)),
  };
}

/** crypto.verify with everything made ready beforehand. */
function bareVerifier(checks: readonly SignatureCheck[]): (index: number) => Promise<void> {
  const header = fromHex("308207b2300b0609608648016503040312038207a100");
  const context = signingContext("capacity");
  const keys = checks.slice(0, signersCount).map((check) => {
    const der = Buffer.from(concatBytes(header, check.publicKey));
    return { key: createPublicKey({ key: der, format: "der", type: "spki" }), context };
  });
  return (index) =>
    new Promise((resolve, reject) => {
      const { root, signature } = checks[index] as SignatureCheck;
      verify(null, root, keys[index % signersCount] as never, signature, (error, right) => {
        if (error === null && right) resolve();
        else reject(error ?? new Error("a right signature was refused"));
      });
    });
}

const must = (right: boolean): void => {
  if (!right) throw new Error("a right signature was refused");
};

export async function run(): Promise<BenchResult> {
  const seed = new Uint8Array(64);
  const signers = Array.from({ length: signersCount }, (_, seat) =>
    createNativeSigner(deriveKey(seed, "account", seat)),
  );
  const messages = await Promise.all(
    Array.from({ length: load.total }, (_, number) => makeMessage(signers[number % signersCount] as Signer, number)),
  );
  const verifier = createVerifier();
  const view = viewOf(signers);
  const bare = bareVerifier(messages);
  const pipeline = (): Promise<number> => {
    const validate = createSequencedValidator(capacityRule, { view, verifier, subjectsMax: load.total });
    return perSecond(async (index) => must((await validate((messages[index] as Message).bytes)).ok), load);
  };
  const rounds = 9;
  const unit = "signatures/s, more is better";
  const result = await alternate({ ours: pipeline, baseline: () => perSecond(bare, load) }, { rounds, unit });
  const alone = await alternate(
    {
      ours: () => perSecond(async (index) => must(await verifier.verify(messages[index] as Message)), load),
      baseline: () => perSecond(bare, load),
    },
    { rounds: 5, unit },
  );
  const portable = async (index: number): Promise<void> => must(verifyPortably(messages[index] as Message));
  const sign = async (index: number): Promise<void> => {
    await (signers[0] as Signer).sign(sha256(bigEndian(index)), "vote");
  };
  return {
    ...result,
    verifier: verifier.name,
    verifierAlonePerSecond: alone.ours,
    verifierAloneRatio: alone.ratio,
    portablePerSecond: Math.round(await perSecond(portable, { total: 300, concurrency: 1 })),
    signPerSecond: Math.round(await perSecond(sign, { total: 1000, concurrency: 16 })),
    signOneAtATimePerSecond: Math.round(await perSecond(sign, { total: 300, concurrency: 1 })),
  };
}
