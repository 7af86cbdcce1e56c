// What real operation does to real nodes: one paused, a quarter of them away, a wrong genesis, a port in use, a folder of
// another version, a damaged database, a full disk. Each is said in words with what to do, nothing final is lost, and the
// node catches up on the same chain.
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { makeNetwork } from "../../simulation/mesh/make-network.ts";
import { NodeProcess } from "../../simulation/mesh/node-process.ts";

const folder = await mkdtemp(join(tmpdir(), "fairmesh-faults-"));
const network = { nodes: 4, timestampMs: Date.now(), bondFair: 100, assets: false };
const { nodes: plans } = await makeNetwork({ ...network, folder: join(folder, "network"), seed: 13 });
const nodes = plans.map((plan) => new NodeProcess(plan));
const [first, , third, fourth] = nodes as [NodeProcess, NodeProcess, NodeProcess, NodeProcess];
const root = fourth.plan.folder;

test.before(() => {
  for (const node of nodes) node.start();
});
test.after(async () => {
  for (const node of nodes) node.kill("SIGCONT");
  await Promise.all(nodes.map((node) => node.stop()));
  spawnSync("umount", [join(folder, "small")]);
  await rm(folder, { recursive: true, force: true });
});

const pause = (ms: number) => new Promise((wake) => setTimeout(wake, ms));
const heightOf = (node: NodeProcess): Promise<number> =>
  node.client.request("node_status").then(
    ({ height }) => height,
    () => 0,
  );
const digestAt = async (node: NodeProcess, height: number): Promise<string> =>
  (await node.client.request("chain_getBlock", { height })).digest;

async function reach(node: NodeProcess, height: number): Promise<void> {
  const endMs = performance.now() + 120_000;
  while ((await heightOf(node)) < height) {
    if (performance.now() > endMs) throw new Error(`${node.plan.name} did not reach ${height}:\n${node.logTail()}`);
    await pause(250);
  }
}

/** Waits until `node` is where the first one is now, and compares a block that both have. */
async function catchesUp(node: NodeProcess): Promise<void> {
  const height = await heightOf(first);
  await reach(node, height);
  assert.is(await digestAt(node, height), await digestAt(first, height));
}

/** Starts a node that must end by itself; answers its exit code and what it said. */
async function refusedStart(node: NodeProcess): Promise<{ readonly exit: unknown; readonly said: string }> {
  const before = (await readFile(node.logFile, "utf8").catch(() => "")).length;
  node.start();
  const endMs = performance.now() + 60_000;
  while (node.running && performance.now() < endMs) await pause(100);
  assert.not(node.running, `it runs:\n${node.logTail()}`);
  return { exit: node.exit, said: (await readFile(node.logFile, "utf8")).slice(before) };
}

test("a node that was paused, and one that was away, catch up on the same chain", async () => {
  await reach(first, 10);
  third.kill("SIGSTOP");
  fourth.kill("SIGSTOP");
  const before = await heightOf(first);
  await pause(2_000);
  fourth.kill("SIGCONT");
  await reach(first, before + 8);
  third.kill("SIGCONT");
  await catchesUp(third);
  await catchesUp(fourth);
});

test("a port in use is said, and starting again may help", async () => {
  const twin = new NodeProcess({ ...fourth.plan, name: "twin" });
  const before = await heightOf(fourth);
  await fourth.stop();
  // Another program listens where this node's RPC should.
  const { createServer } = await import("node:net");
  const squatter = createServer();
  await new Promise<void>((settle) => squatter.listen(Number(new URL(fourth.plan.rpcUrl).port), "127.0.0.1", settle));
  const { exit, said } = await refusedStart(twin);
  assert.is(exit, 1);
  assert.match(said, /port \d+ is taken; set rpc\.port to another \(PORT_IN_USE\)/);
  await new Promise((settle) => squatter.close(settle));
  // And now where its peers reach it.
  const [, address = "", port] = /(\/ip4\/127\.0\.0\.1\/tcp\/(\d+))/.exec(fourth.plan.multiaddr) ?? [];
  const other = createServer((peer) => peer.destroy());
  await new Promise<void>((settle) => other.listen(Number(port), "127.0.0.1", settle));
  const listening = await refusedStart(twin);
  assert.is(listening.exit, 1);
  assert.match(listening.said, `fairmesh: ${address} is taken; set network.listen to another (PORT_IN_USE)`);
  assert.not.match(listening.said, /at .*node_modules/);
  await new Promise((settle) => other.close(settle));
  fourth.start();
  await reach(fourth, before);
  await catchesUp(fourth);
});

test("whoever RPC answers finds a node that listens for peers", async () => {
  await fourth.stop();
  fourth.start();
  const endMs = performance.now() + 60_000;
  const answers = (): Promise<boolean> =>
    fourth.client.request("node_status").then(
      () => true,
      () => false,
    );
  while (!(await answers())) {
    if (performance.now() > endMs) throw new Error(`it does not answer:\n${fourth.logTail()}`);
    await pause(5);
  }
  const port = Number(/\/tcp\/(\d+)/.exec(fourth.plan.multiaddr)?.[1]);
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.destroy();
});

test("another network's genesis is refused, and nothing is lost by it", async () => {
  await fourth.stop();
  const own = await readFile(root.genesis, "utf8");
  const { nodes: others } = await makeNetwork({ ...network, folder: join(folder, "other"), seed: 14 });
  await writeFile(root.genesis, await readFile((others[0] as (typeof others)[0]).folder.genesis, "utf8"));
  const { exit, said } = await refusedStart(fourth);
  assert.is(exit, 2);
  assert.match(said, /GENESIS_OTHER/);
  await writeFile(root.genesis, "{");
  const broken = await refusedStart(fourth);
  assert.is(broken.exit, 2);
  assert.match(broken.said, /GENESIS_INVALID/);
  await writeFile(root.genesis, own);
  fourth.start();
  await catchesUp(fourth);
});

test("a folder of a newer layout is left alone, one without a number is brought forward", async () => {
  await fourth.stop();
  await writeFile(root.version, "99\n");
  const { exit, said } = await refusedStart(fourth);
  assert.is(exit, 2);
  assert.match(said, /DATA_NEWER/);
  await rm(root.version);
  fourth.start();
  await catchesUp(fourth);
  assert.is(await readFile(root.version, "utf8"), "1\n");
});

const databaseFiles = async (pattern: RegExp): Promise<readonly string[]> =>
  (await readdir(root.database)).filter((name) => pattern.test(name)).map((name) => join(root.database, name));

async function flipBit(file: string): Promise<void> {
  const handle = await open(file, "r+");
  const { size } = await handle.stat();
  const at = size >> 1;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, at);
  await handle.write(Buffer.of((buffer[0] as number) ^ 8), 0, 1, at);
  await handle.close();
}

/** Each is done to a node that was killed; LevelDB itself opens some of them without an error. */
const damages: readonly (readonly [name: string, damage: () => Promise<void>])[] = [
  ["a cut MANIFEST", async () => truncate((await databaseFiles(/^MANIFEST/))[0] as string, 60)],
  ["a flipped bit in the log", async () => flipBit((await databaseFiles(/\.log$/)).at(-1) as string)],
  ["a database that is gone", async () => rm(root.database, { recursive: true })],
];

for (const [name, damage] of damages) {
  test(`${name}: the node stops before it signs, says what to do, and with that done comes back`, async () => {
    await catchesUp(fourth);
    fourth.kill("SIGKILL");
    while (fourth.running) await pause(50);
    await damage();
    const { exit, said } = await refusedStart(fourth);
    assert.is(exit, 2, said);
    assert.match(said, /STORE_DAMAGED|STATE_DAMAGED/);
    assert.match(said, /move the database and its sentinel away/);
    await rm(root.database, { recursive: true, force: true });
    await rm(`${root.database}.sentinel`, { force: true });
    fourth.start();
    await catchesUp(fourth);
  });
}

test("a log that was torn off in the middle of a write costs nothing that was synced", async () => {
  await catchesUp(fourth);
  fourth.kill("SIGKILL");
  while (fourth.running) await pause(50);
  const log = (await databaseFiles(/\.log$/)).at(-1) as string;
  const { size } = await stat(log);
  await truncate(log, Math.max(0, size - 5));
  fourth.start();
  await catchesUp(fourth);
});

/** Writes until there is no room. */
async function fill(file: string): Promise<void> {
  const handle = await open(file, "w");
  for (let full = false; !full; ) {
    full = await handle.write(new Uint8Array(16_384)).then(
      () => false,
      () => true,
    );
  }
  await handle.close();
}

test("a full disk stops the node in order; with room again it goes on", async () => {
  const small = join(folder, "small");
  await mkdir(small);
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=48m", "tmpfs", small]);
  if (mounted.status !== 0) return; // Only root can make a small disk.
  await fourth.stop();
  await rename(root.database, join(small, "db")).catch(async () => {
    assert.is(spawnSync("cp", ["-r", root.database, join(small, "db")]).status, 0);
    await rm(root.database, { recursive: true });
  });
  assert.is(spawnSync("ln", ["-s", join(small, "db"), root.database]).status, 0);
  fourth.start();
  await catchesUp(fourth);
  const filler = join(small, "filler");
  await fill(filler);
  const endMs = performance.now() + 60_000;
  while (fourth.running && performance.now() < endMs) await pause(200);
  assert.not(fourth.running, "it went on without a disk");
  assert.is(fourth.exit, 1, fourth.logTail());
  assert.match(fourth.logTail(), /STORE_FULL|disk is full/);
  await rm(filler);
  fourth.start();
  await catchesUp(fourth);
});

test.run();
