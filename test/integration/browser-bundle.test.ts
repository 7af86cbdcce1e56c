// crypto, schema and the verdict on a certificate in a browser: bundled without Node, run with Node's globals deleted.
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { sha256 } from "../../src/crypto/index.ts";
import { createNativeSigner, createVerifier } from "../../src/native/index.ts";
import { toHex, utf8ToBytes } from "../../src/primitives/index.ts";
import { genesisCodec } from "../../src/schema/index.ts";
import { browserBundle } from "../support/browser-bundle.ts";
import { TestChain, type TestOperator } from "../support/test-chain.ts";

const program = `
import "./src/client/buffer-global.ts";
import { accountIdOf, portableKey, signPortably, verifyPortably, sha256 } from "./src/crypto/index.ts";
import { voteCodec, headerCodec } from "./src/schema/index.ts";
import { formatAddress, utf8ToBytes } from "./src/primitives/index.ts";
const key = portableKey(sha256(utf8ToBytes("a seed")));
const root = headerCodec.root(headerCodec.empty());
const signature = signPortably(key, { root, purpose: "vote" }, new Uint8Array(32));
const vote = { ...voteCodec.empty(), signature };
const decoded = voteCodec.decode(voteCodec.encode(vote));
export const outcome = {
  address: formatAddress(accountIdOf(key.publicKey)),
  verified: verifyPortably({ publicKey: key.publicKey, root, purpose: "vote", signature }),
  otherPurpose: verifyPortably({ publicKey: key.publicKey, root, purpose: "propose", signature }),
  decoded: decoded.ok,
};
`;

/** What a program's export `outcome` is, bundled for a browser and run with Node's globals deleted. */
async function outcomeOf(contents: string): Promise<Record<string, unknown>> {
  const folder = await mkdtemp(join(tmpdir(), "fairmesh-bundle-"));
  try {
    await writeFile(join(folder, "bundle.mjs"), await browserBundle(contents));
    const run = `
      const write = process.stdout.write.bind(process.stdout);
      delete globalThis.Buffer; delete globalThis.process;
      const { outcome } = await import("./bundle.mjs");
      write(JSON.stringify(outcome));`;
    await writeFile(join(folder, "run.mjs"), run);
    const { stdout, stderr } = spawnSync(process.execPath, [join(folder, "run.mjs")], { encoding: "utf8" });
    assert.is(stderr, "");
    return JSON.parse(stdout) as Record<string, unknown>;
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("crypto and schema run where there is no Node", async () => {
  const outcome = await outcomeOf(program);
  assert.match(outcome.address as string, /^fair1[0-9a-z]{58}$/);
  assert.is(outcome.verified, true);
  assert.is(outcome.otherPurpose, false);
  assert.is(outcome.decoded, true);
});

test("a reward certificate is judged where there is no Node: valid as it is, refused when damaged", async () => {
  const signer = (label: string) => createNativeSigner(sha256(utf8ToBytes(label)));
  const chain = await TestChain.create({ signer, verifier: createVerifier(), finalized: (height) => height === 48 });
  const asset = await chain.registerAsset(chain.operators[0] as TestOperator);
  await chain.runTo(3);
  const made = await chain.app.queries.certificate(2, asset);
  assert.ok(made.ok);
  const outcome = await outcomeOf(`
    import { verifyRewardCertificate } from "./src/client/index.ts";
    import { createPortableVerifier } from "./src/crypto/index.ts";
    import { genesisCodec } from "./src/schema/index.ts";
    import { fromHex } from "./src/primitives/index.ts";
    const file = fromHex("${toHex(made.value)}");
    const genesis = genesisCodec.decode(fromHex("${toHex(genesisCodec.encode(chain.genesis))}")).value;
    const trust = { verifier: createPortableVerifier(), genesis, nowMs: 0 };
    const damaged = file.slice();
    damaged[1000] ^= 4;
    export const outcome = {
      whole: (await verifyRewardCertificate(file, trust)).outcome,
      damaged: (await verifyRewardCertificate(damaged, trust)).reason,
    };
  `);
  assert.equal(outcome, { whole: "valid", damaged: "checksum" });
});

test("the dashboard and its worker need nothing of Node's", async () => {
  for (const entry of ["main", "certificate-worker"]) {
    assert.ok((await browserBundle(`import "./src/dashboard/${entry}.ts";`)).length > 100_000, entry);
  }
});

test("a bundle that needs Node is refused", async () => {
  for (const contents of [
    'import "node:crypto";',
    'import "fs";',
    'import { sealSector } from "./src/native/index.ts"; sealSector;',
  ]) {
    try {
      await browserBundle(contents);
      assert.unreachable(contents);
    } catch (error) {
      assert.match((error as Error).message, /is not there in a browser|Build failed/);
    }
  }
});

test.run();
