// fairmesh verify, from outside: certificates of a real chain in files, each verdict with its exit code and its words.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { runCommand } from "../../src/cli/index.ts";
import { renderGenesis } from "../../src/config/index.ts";
import { sha256 } from "../../src/crypto/index.ts";
import { createNativeSigner, createVerifier } from "../../src/native/index.ts";
import { toHex, utf8ToBytes } from "../../src/primitives/index.ts";
import { type Block, blockDigest } from "../../src/schema/index.ts";
import { fakeTerminal } from "../support/fake-terminal.ts";
import { TestChain, type TestOperator } from "../support/test-chain.ts";

const root = mkdtempSync(join(tmpdir(), "fairmesh-verify-"));
test.after(() => rmSync(root, { recursive: true }));

const hourAgo = Date.now() - 3_600_000;
const chain = await TestChain.create({
  signer: (label) => createNativeSigner(sha256(utf8ToBytes(label))),
  verifier: createVerifier(),
  finalized: (height) => height % 12 === 0,
  genesisMs: hourAgo,
  // A day of trust, so that the checkpoint of an hour ago is young.
  parameters: { trustingEpochs: 14_400 },
});
const asset = await chain.registerAsset(chain.operators[0] as TestOperator);
await chain.runTo(8);

const file = (name: string, bytes: Uint8Array | string): string => {
  const path = join(root, name);
  writeFileSync(path, bytes);
  return path;
};
const certificate = async (epoch: number): Promise<Uint8Array> => {
  const made = await chain.app.queries.certificate(epoch, asset);
  if (!made.ok) throw new Error(made.error);
  return made.value;
};
const genesis = file("genesis.json", renderGenesis(chain.genesis));
const first = file("first.cert", await certificate(2));
const later = file("later.cert", await certificate(7));
const checkpoint = toHex(blockDigest((chain.app.queries.block(3 * 24 + 24) as Block).header));

async function verify(...words: readonly string[]) {
  const terminal = fakeTerminal();
  const code = await runCommand(["verify", ...words], terminal);
  return { code, ...terminal.written };
}

test("valid: exit 0, the reward in words and as JSON", async () => {
  const plain = await verify(first, "--genesis", genesis);
  assert.is(plain.code, 0);
  assert.match(plain.out, /^valid: anchored in genesis\nReward +[\d.]+ FAIR for epoch 2\n/);
  const pinned = await verify(later, "--checkpoint", checkpoint, "--json");
  assert.is(pinned.code, 0);
  const { outcome, anchor, epoch, points, signatures } = JSON.parse(pinned.out);
  assert.equal([outcome, anchor, epoch, points[0], signatures], ["valid", "checkpoint", 7, checkpoint, 3]);
});

test("consistent but unanchored: exit 1, and what to do", async () => {
  const none = await verify(later);
  assert.is(none.code, 1);
  assert.match(none.out, /^consistent, unanchored \(checkpoint-none\)/);
  assert.match(none.note, "give --checkpoint");
  const absent = await verify(later, "--checkpoint", "00".repeat(32), "--json");
  assert.equal([absent.code, JSON.parse(absent.out).reason], [1, "checkpoint-absent"]);
});

test("refused: exit 2 with the reason; a file that is not there, too", async () => {
  const damaged = Uint8Array.from(await certificate(2));
  damaged[5000] = (damaged[5000] as number) ^ 1;
  const refused = await verify(file("damaged.cert", damaged), "--genesis", genesis, "--json");
  assert.equal([refused.code, JSON.parse(refused.out)], [2, { outcome: "refused", reason: "checksum" }]);
  assert.match(refused.note, "CERTIFICATE_REFUSED");
  assert.match(refused.note, "cut short or changed");
  assert.is((await verify(file("other.cert", "not a certificate"))).code, 2);
  const missing = await verify(join(root, "nothing.cert"));
  assert.equal([missing.code, missing.out], [2, ""]);
  assert.match(missing.note, "FILE_UNREADABLE");
  const foreign = await TestChain.create({ name: "other" });
  const otherGenesis = file("other.json", renderGenesis(foreign.genesis));
  assert.match((await verify(first, "--genesis", otherGenesis)).out, "refused: network-foreign");
  assert.is((await verify(first, "--checkpoint", "xyz")).code, 2);
});

test.run();
