// The native verifier and signer against their contracts, and what only they promise: bounded keys, closing, the choice.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createPortableVerifier, portableKey, sha256, signPortably, verifyPortably } from "../../src/crypto/index.ts";
import {
  createNativeSigner,
  createNativeVerifier,
  createVerifier,
  hasherName,
  hasNativeMlDsa,
} from "../../src/native/index.ts";
import { toHex, utf8ToBytes } from "../../src/primitives/index.ts";
import { signerContract } from "../contract/signer.ts";
import { verifierContract } from "../contract/verifier.ts";

verifierContract(test, "native", { verifier: () => createNativeVerifier(), signer: createNativeSigner });
verifierContract(test, "native, one at a time", {
  verifier: () => createNativeVerifier({ keysMax: 1, inFlightMax: 1 }),
  signer: createNativeSigner,
});
verifierContract(test, "portable", { verifier: createPortableVerifier, signer: createNativeSigner });
signerContract(test, "native", { verifier: () => createNativeVerifier(), signer: createNativeSigner });
signerContract(test, "native, read by the portable", { verifier: createPortableVerifier, signer: createNativeSigner });

const root = sha256(utf8ToBytes("root"));
const random = (seed: number) => new Uint8Array(32).fill(seed);

test("a portable signature of the same seed's key verifies natively", async () => {
  const key = portableKey(random(9));
  assert.is(toHex(key.publicKey), toHex(createNativeSigner(random(9)).publicKey));
  const signature = signPortably(key, { root, purpose: "report" }, random(1));
  const check = { publicKey: key.publicKey, root, purpose: "report" as const, signature };
  assert.ok(await createNativeVerifier().verify(check));
  assert.ok(verifyPortably(check));
});

test("two signatures of one root differ (I-6)", async () => {
  const signer = createNativeSigner(random(3));
  assert.is.not(toHex(await signer.sign(root, "tx")), toHex(await signer.sign(root, "tx")));
});

test("no more keys are kept than the limit, and a dropped key still verifies", async () => {
  const verifier = createNativeVerifier({ keysMax: 3 });
  const checks = await Promise.all(
    [1, 2, 3, 4, 5].map(async (seed) => {
      const signer = createNativeSigner(random(seed));
      return { publicKey: signer.publicKey, root, purpose: "tx", signature: await signer.sign(root, "tx") } as const;
    }),
  );
  for (const check of [...checks, ...checks]) assert.ok(await verifier.verify(check));
  assert.is(verifier.keysHeld(), 3);
});

test("a closed verifier rejects what waits and what comes", async () => {
  const signer = createNativeSigner(random(1));
  const verifier = createNativeVerifier({ inFlightMax: 1 });
  const signature = await signer.sign(root, "tx");
  const check = { publicKey: signer.publicKey, root, purpose: "tx", signature } as const;
  const answers = Array.from({ length: 5 }, () => verifier.verify(check));
  verifier.close();
  const settled = await Promise.allSettled([...answers, verifier.verify(check)]);
  assert.is(settled.filter((one) => one.status === "fulfilled").length, 1);
  for (const one of settled) if (one.status === "rejected") assert.is(one.reason.code, "VERIFIER_CLOSED");
});

test("the native verifier is chosen on this runtime, and says so; hashtree hashes", () => {
  assert.ok(hasNativeMlDsa());
  assert.is(createVerifier().name, "native");
  assert.ok(["hashtree", "as-sha256"].includes(hasherName));
});

test.run();
