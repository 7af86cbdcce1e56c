// crypto and schema in a browser: bundled without Node, then run with Node's globals deleted.
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { browserBundle } from "../support/browser-bundle.ts";

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

test("crypto and schema run where there is no Node", async () => {
  const folder = await mkdtemp(join(tmpdir(), "fairmesh-bundle-"));
  try {
    await writeFile(join(folder, "bundle.mjs"), await browserBundle(program));
    const run = `
      const write = process.stdout.write.bind(process.stdout);
      delete globalThis.Buffer; delete globalThis.process;
      const { outcome } = await import("./bundle.mjs");
      write(JSON.stringify(outcome));`;
    await writeFile(join(folder, "run.mjs"), run);
    const { stdout, stderr } = spawnSync(process.execPath, [join(folder, "run.mjs")], { encoding: "utf8" });
    assert.is(stderr, "");
    const outcome = JSON.parse(stdout) as Record<string, unknown>;
    assert.match(outcome.address as string, /^fair1[0-9a-z]{58}$/);
    assert.is(outcome.verified, true);
    assert.is(outcome.otherPurpose, false);
    assert.is(outcome.decoded, true);
  } finally {
    await rm(folder, { recursive: true });
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
