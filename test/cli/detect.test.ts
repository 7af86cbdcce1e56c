// What a machine has is measured, on a real disk; what cannot be measured is not made up; and an offer may be made of it.
import { mkdtemp, readdir, readFile, rm, statfs, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { runCommand } from "../../src/cli/index.ts";
import { measureSealing, sealSector } from "../../src/native/index.ts";
import type { Detected } from "../../src/node/offline.ts";
import { fakeTerminal } from "../support/fake-terminal.ts";

const root = await mkdtemp(join(tmpdir(), "fairmesh-detect-"));
test.after(() => rm(root, { recursive: true }));

async function run(...words: readonly string[]) {
  const terminal = fakeTerminal({});
  const code = await runCommand([...words], terminal);
  return { code, ...terminal.written };
}

test("disk, processor and memory are measured, and nothing stays behind", async () => {
  const { code, out } = await run("assets", "detect", "-d", root, "--json");
  assert.is(code, 0);
  const found = JSON.parse(out) as Detected;
  const { bavail, bsize } = await statfs(root);
  assert.ok(Math.abs(found.disk.freeBytes - bavail * bsize) < 1 << 30);
  assert.ok(found.disk.usableBytes < found.disk.freeBytes);
  assert.ok(found.disk.writeBytesPerSecond > 1 << 20 && found.disk.readBytesPerSecond > 1 << 20);
  assert.is(found.processor.threads, availableParallelism());
  const { sectorBytes, testedBytes, sectorSeconds } = found.sealing;
  assert.is(sectorBytes, 1 << 30, "without a genesis, testnet's and mainnet's");
  assert.ok(testedBytes <= sectorBytes && testedBytes >= 1 << 20);
  assert.ok(sectorSeconds > 30, `${sectorSeconds} s`);
  assert.equal(await readdir(join(root, "assets")), []);
  const asked = await run("assets", "detect", "-d", root, "--storage", "4GiB");
  assert.match(asked.out, /sealing 1\.0 GiB .*(measured in)/);
  assert.match(asked.out, /sealing 4\.0 GiB .*one sector after another/);
  const less = await run("assets", "detect", "-d", root, "--storage", "1MiB");
  assert.is(less.code, 2);
  assert.match(less.note, /a sector of this network is 1\.0 GiB/);
});

test("of a small sector, what sealing would take is what it takes; a larger one is measured in memory of its own size", async () => {
  const sectorBytes = 1 << 20;
  const startedMs = performance.now();
  sealSector(new Uint8Array(32), sectorBytes, () => {});
  const tookMs = performance.now() - startedMs;
  const ms = measureSealing(sectorBytes, 10_000);
  // Whole in both cases: only the machine's mood differs.
  assert.ok(ms > tookMs / 4 && ms < tookMs * 4, `${ms} ms, really ${tookMs}`);
  const large = measureSealing(64 * sectorBytes, 100);
  assert.ok(large > 16 * ms, `${large} ms for 64 times as much, ${ms} for one`);
});

test("a folder that is no folder is refused by name; what is found becomes an offer", async () => {
  const file = join(root, "file");
  await writeFile(file, "");
  const refused = await run("assets", "detect", "-d", file);
  assert.is(refused.code, 1);
  assert.match(refused.note, /VOLUME_FAILED|assets.folder/);
  const { code } = await run("assets", "register", "-d", root, "--detect", "--at", "52.5,13.4");
  assert.is(code, 0);
  const written = Number(/storageBytes: (\d+)/.exec(await readFile(join(root, "config.yaml"), "utf8"))?.[1]);
  const { bavail, bsize } = await statfs(root);
  assert.ok(written > 0 && written < bavail * bsize);
});

test.run();
