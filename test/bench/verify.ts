// Signatures a second through our Verifier (as validation's last stage asks it: 64 messages in work, keys of 64 seats known)
// against crypto.verify alone on the thread pool over the same signatures. Beside it: the portable verifier, and signing.
import { createPublicKey, verify } from "node:crypto";
import { deriveKey, type SignatureCheck, sha256, signingContext, verifyPortably } from "../../src/crypto/index.ts";
import { createNativeSigner, createVerifier } from "../../src/native/index.ts";
import { bigEndian, concatBytes, fromHex } from "../../src/primitives/index.ts";
import { alternate, type BenchResult, perSecond } from "./measure.ts";

export const title = "signatures verified a second, against crypto.verify alone on the thread pool";

const seats = 64;
const concurrency = 64;
const total = 3000;

async function makeChecks(): Promise<readonly SignatureCheck[]> {
  const seed = new Uint8Array(64);
  return Promise.all(
    Array.from({ length: seats }, async (_, seat) => {
      const signer = createNativeSigner(deriveKey(seed, "account", seat));
      const root = sha256(bigEndian(seat));
      return {
        publicKey: signer.publicKey,
        root,
        purpose: "vote",
        signature: await signer.sign(root, "vote"),
      } as const;
    }),
  );
}

/** crypto.verify with everything made ready beforehand. */
function bareVerifier(checks: readonly SignatureCheck[]): (index: number) => Promise<void> {
  const header = fromHex("308207b2300b0609608648016503040312038207a100");
  const context = signingContext("vote");
  const ready = checks.map((check) => {
    const der = Buffer.from(concatBytes(header, check.publicKey));
    return { ...check, key: { key: createPublicKey({ key: der, format: "der", type: "spki" }), context } };
  });
  return (index) =>
    new Promise((resolve, reject) => {
      const { root, key, signature } = ready[index % ready.length] as (typeof ready)[number];
      verify(null, root, key as never, signature, (error, right) => {
        if (error === null && right) resolve();
        else reject(error ?? new Error("a right signature was refused"));
      });
    });
}

export async function run(): Promise<BenchResult> {
  const checks = await makeChecks();
  const verifier = createVerifier();
  const bare = bareVerifier(checks);
  const ours = async (index: number): Promise<void> => {
    // Fresh copies: messages decoded from the network never share bytes with the cached key.
    const check = checks[index % seats] as SignatureCheck;
    const right = await verifier.verify({ ...check, publicKey: check.publicKey.slice() });
    if (!right) throw new Error("a right signature was refused");
  };
  const load = { total, concurrency };
  const result = await alternate(
    { ours: () => perSecond(ours, load), baseline: () => perSecond(bare, load) },
    { rounds: 9, unit: "signatures/s, more is better" },
  );
  const portable = async (index: number): Promise<void> => {
    if (!verifyPortably(checks[index % seats] as SignatureCheck)) throw new Error("a right signature was refused");
  };
  const signer = createNativeSigner(new Uint8Array(32).fill(1));
  const sign = async (index: number): Promise<void> => {
    await signer.sign(sha256(bigEndian(index)), "vote");
  };
  return {
    ...result,
    verifier: verifier.name,
    portablePerSecond: Math.round(await perSecond(portable, { total: 300, concurrency: 1 })),
    signPerSecond: Math.round(await perSecond(sign, { total: 1000, concurrency: 16 })),
    signOneAtATimePerSecond: Math.round(await perSecond(sign, { total: 300, concurrency: 1 })),
  };
}
