// Fifty nodes in one process, and twelve processes over TCP: the mesh forms, each node's advertisement reaches every other,
// and an asset is found from any node. The times are printed; docs/NETWORK.md has a run of them.
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { assetId, cellAt, keyOf } from "../../src/primitives/index.ts";
import type { Order, Report } from "../support/mesh-process.ts";
import { eventually, makeNode } from "../support/test-network.ts";

const say = (what: string, since: number): void =>
  console.log(`${what}: ${((performance.now() - since) / 1000).toFixed(1)} s`);
/** Whom node `index` dials: the one before, and some earlier ones. */
const dialledBy = (index: number): readonly number[] =>
  [...new Set([index - 1, Math.floor(index / 2), Math.floor(index / 3), Math.floor(index / 7)])].filter(
    (other) => other >= 0 && other !== index,
  );

test("fifty nodes in one process", async () => {
  const count = 50;
  let startedMs = performance.now();
  const nodes = await Promise.all(Array.from({ length: count }, (_, index) => makeNode(600 + index)));
  const heard = nodes.map(() => new Set<string>());
  for (const [index, { network }] of nodes.entries()) {
    network.transport.onGossip("capacity", async (bytes) => {
      heard[index]?.add(new TextDecoder().decode(bytes));
      return "accept";
    });
  }
  for (const [index, { network }] of nodes.entries()) {
    await network.start();
    for (const other of dialledBy(index))
      await network.dial(nodes[other]?.network.addresses()[0] as string, AbortSignal.timeout(30_000));
  }
  await eventually(
    "everyone is bound to some",
    () => nodes.every(({ network }) => network.transport.peers().length >= 2),
    120_000,
  );
  say("fifty nodes are bound", startedMs);
  await new Promise((wake) => setTimeout(wake, 10_000));
  startedMs = performance.now();
  for (const [index, { network }] of nodes.entries())
    await network.transport.publish("capacity", new TextEncoder().encode(`from ${index}`));
  await eventually("all is heard everywhere", () => heard.every(({ size }) => size >= count - 1), 120_000);
  say("each node's advertisement is everywhere", startedMs);
  startedMs = performance.now();
  const id = assetId(new Uint8Array(32).fill(5));
  await nodes[7]?.network.discovery.provide({ id, kind: "storage", cell: cellAt(52.5, 13.4) });
  say("an asset is announced under nine keys", startedMs);
  startedMs = performance.now();
  for (const asker of [0, 13, 29, 49]) {
    const found: string[] = [];
    for await (const account of nodes[asker]?.network.discovery.findAsset(id, AbortSignal.timeout(60_000)) ?? [])
      found.push(keyOf(account));
    assert.equal(found, [keyOf(nodes[7]?.signer.accountId as Uint8Array)]);
  }
  say("four nodes have found it, one after another", startedMs);
  await Promise.all(nodes.map(({ network }) => network.stop()));
});

test("twelve processes over TCP", async () => {
  const count = 12;
  let startedMs = performance.now();
  const probe = fileURLToPath(new URL("../support/mesh-process.ts", import.meta.url));
  const children: ChildProcess[] = Array.from({ length: count }, (_, index) => fork(probe, [String(700 + index)]));
  const reports: Report[][] = children.map(() => []);
  for (const [index, child] of children.entries())
    child.on("message", (report) => void reports[index]?.push(report as Report));
  const of = <K extends Report["kind"]>(index: number, kind: K) =>
    (reports[index] ?? []).filter((report): report is Extract<Report, { kind: K }> => report.kind === kind);
  const order = (index: number, what: Order): void => void children[index]?.send(what);
  const each = Array.from({ length: count }, (_, index) => index);
  await eventually("all listen", () => each.every((index) => of(index, "listening").length > 0), 60_000);
  say("twelve processes listen", startedMs);
  for (const index of each)
    for (const other of dialledBy(index))
      order(index, { do: "dial", address: of(other, "listening")[0]?.address as string });
  await eventually("all are bound", () => each.every((index) => (of(index, "peers").at(-1)?.count ?? 0) >= 2), 60_000);
  say("they are bound", startedMs);
  await new Promise((wake) => setTimeout(wake, 5_000));
  startedMs = performance.now();
  for (const index of each) order(index, { do: "publish", text: `from ${index}` });
  const heardBy = (index: number): number => new Set(of(index, "heard").map(({ text }) => text)).size;
  await eventually("all is heard everywhere", () => each.every((index) => heardBy(index) >= count - 1), 60_000);
  say("each process' advertisement is everywhere", startedMs);
  order(3, { do: "provide" });
  await eventually("it is announced", () => of(3, "provided").length > 0, 60_000);
  for (const index of each) if (index !== 3) order(index, { do: "find" });
  await eventually("it is found", () => each.every((index) => index === 3 || of(index, "found").length > 0), 60_000);
  for (const index of each) if (index !== 3) assert.is(of(index, "found")[0]?.accounts.length, 1);
  console.log(`announced in ${of(3, "provided")[0]?.ms} ms, found in ${each.map((i) => of(i, "found")[0]?.ms)} ms`);
  for (const index of each) order(index, { do: "stop" });
  await Promise.all(children.map((child) => new Promise((resolve) => child.once("exit", resolve))));
});

test.run();
