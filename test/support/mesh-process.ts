// One node of a mesh in a process of its own, told what to do over IPC: dial, publish, provide, find. Tells what it heard.
import { assetId, cellAt, keyOf } from "../../src/primitives/index.ts";
import { makeNode } from "./test-network.ts";

export type Order =
  | { readonly do: "dial"; readonly address: string }
  | { readonly do: "publish"; readonly text: string }
  | { readonly do: "provide" }
  | { readonly do: "find" }
  | { readonly do: "stop" };

export type Report =
  | { readonly kind: "listening"; readonly address: string }
  | { readonly kind: "peers"; readonly count: number }
  | { readonly kind: "heard"; readonly text: string }
  | { readonly kind: "found"; readonly accounts: readonly string[]; readonly ms: number }
  | { readonly kind: "provided"; readonly ms: number };

const tell = (report: Report): void => void process.send?.(report);
const asset = assetId(new Uint8Array(32).fill(5));
const { network } = await makeNode(Number(process.argv[2]));
network.transport.onGossip("capacity", async (bytes) => {
  tell({ kind: "heard", text: new TextDecoder().decode(bytes) });
  return "accept";
});
network.onPeer(() => tell({ kind: "peers", count: network.transport.peers().length }));

async function carryOut(order: Order): Promise<void> {
  const startedMs = performance.now();
  const ms = (): number => Math.round(performance.now() - startedMs);
  if (order.do === "dial") await network.dial(order.address, AbortSignal.timeout(20_000));
  if (order.do === "publish") await network.transport.publish("capacity", new TextEncoder().encode(order.text));
  if (order.do === "provide") {
    await network.discovery.provide({ id: asset, kind: "storage", cell: cellAt(52.5, 13.4) });
    tell({ kind: "provided", ms: ms() });
  }
  if (order.do === "find") {
    const accounts: string[] = [];
    for await (const account of network.discovery.findAsset(asset, AbortSignal.timeout(20_000)))
      accounts.push(keyOf(account));
    tell({ kind: "found", accounts, ms: ms() });
  }
  if (order.do === "stop") {
    await network.stop();
    process.disconnect();
  }
}

process.on("message", (order: Order) => {
  carryOut(order).catch((error: unknown) => console.error(order.do, String(error)));
});
await network.start();
tell({ kind: "listening", address: network.addresses()[0] as string });
