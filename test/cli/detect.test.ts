// What a machine has is measured, on a real disk; what cannot be measured is not made up; and an offer may be made of it.
import { mkdtemp, readdir, readFile, rm, statfs, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { runCommand } from "../../src/cli/index.ts";
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
  assert.ok(found.processor.sealBytesPerSecond > 10_000);
  assert.equal(await readdir(join(root, "assets")), []);
  assert.match((await run("assets", "detect", "-d", root)).out, /sealing .*one thread/);
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
