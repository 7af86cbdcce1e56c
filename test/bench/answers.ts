// Bytes of an answer a second, request to last byte, between two nodes in one process: our requests with their credit, against
// one plain libp2p stream of the same bytes, raw; beside it, one whose reader gets whole chunks, as ours does. Over loopback TCP, and over a path of 50 ms each way (in memory), where whoever
// waits for a round trip a chunk is slow.
import type { Stream } from "@libp2p/interface";
import { memory } from "@libp2p/memory";
import { lpStream } from "@libp2p/utils";
import { multiaddr } from "@multiformats/multiaddr";
import { makePlainHost } from "../support/plain-host.ts";
import { type MakeNode, startMesh, type TestNode } from "../support/test-network.ts";
import { alternate, type BenchResult } from "./measure.ts";

export const title = "MiB of an answer a second, against a plain libp2p stream; also over a path of 100 ms round trip";

const chunkBytes = 1 << 18;
const oneWayMs = 50;

interface Path {
  readonly ours: () => Promise<number>;
  readonly baseline: () => Promise<number>;
  stop(): Promise<void>;
}

const perSecond = (bytes: number, startedMs: number): number =>
  bytes / (1 << 20) / ((performance.now() - startedMs) / 1000);

async function oursOver(bytesTotal: number, make: (index: number) => MakeNode) {
  const { nodes, stop } = await startMesh(2, make);
  const [asker, answerer] = nodes as [TestNode, TestNode];
  answerer.network.transport.onRequest("bench", async function* () {
    for (let sent = 0; sent < bytesTotal; sent += chunkBytes) yield new Uint8Array(chunkBytes);
  });
  const run = async (): Promise<number> => {
    const startedMs = performance.now();
    let bytes = 0;
    const { accountId } = answerer.signer;
    const signal = AbortSignal.timeout(120_000);
    for await (const chunk of asker.network.transport.request(accountId, "bench", new Uint8Array(1), signal))
      bytes += chunk.length;
    return perSecond(bytes, startedMs);
  };
  return { run, stop };
}

/** What a plain stream's reader does with it until all bytes are there; answers how many came. */
type Read = (stream: Stream, bytesTotal: number) => Promise<number>;

const readRaw: Read = async (stream, bytesTotal) => {
  let bytes = 0;
  await new Promise<void>((done, fail) => {
    stream.addEventListener("message", ({ data }) => {
      bytes += data.byteLength;
      if (bytes >= bytesTotal) done();
    });
    stream.addEventListener("close", ({ error }) => (error === undefined ? done() : fail(error)));
  });
  return bytes;
};

const readChunks: Read = async (stream, bytesTotal) => {
  const frames = lpStream(stream, { maxBufferSize: bytesTotal });
  let bytes = 0;
  while (bytes < bytesTotal) bytes += (await frames.read()).subarray().length;
  return bytes;
};

async function plainOver(
  bytesTotal: number,
  make: (index: number) => Parameters<typeof makePlainHost>[1],
  read: Read = readRaw,
) {
  const [asker, answerer] = [await makePlainHost(0, make(0)), await makePlainHost(1, make(1))];
  await asker.start();
  await answerer.start();
  await answerer.handle("/bench/1", async (stream) => {
    const frames = read === readRaw ? undefined : lpStream(stream);
    for (let sent = 0; sent < bytesTotal; sent += chunkBytes) {
      if (frames !== undefined) {
        await frames.write(new Uint8Array(chunkBytes));
        continue;
      }
      // Its own onDrain waits only once, and would queue everything.
      if (!stream.send(new Uint8Array(chunkBytes)))
        await new Promise((resolve) => stream.addEventListener("drain", resolve, { once: true }));
    }
    await stream.close();
  });
  const connection = await asker.dial(answerer.getMultiaddrs().map((each) => multiaddr(each.toString())));
  const run = async (): Promise<number> => {
    const startedMs = performance.now();
    const stream = await connection.newStream("/bench/1");
    const bytes = await read(stream, bytesTotal);
    await stream.close();
    return perSecond(bytes, startedMs);
  };
  return { run, stop: async () => void (await Promise.all([asker.stop(), answerer.stop()])) };
}

async function pathOver(bytesTotal: number, latency: number | undefined): Promise<Path> {
  const memories = (name: string, index: number) =>
    latency === undefined ? {} : { listen: [`/memory/bench-${name}-${index}`], transports: [memory({ latency })] };
  const ours = await oursOver(bytesTotal, (index) => {
    const { listen, transports } = memories("ours", index);
    return listen === undefined ? {} : { options: { listen }, transports };
  });
  const plain = await plainOver(bytesTotal, (index) => memories("plain", index));
  return {
    ours: ours.run,
    baseline: plain.run,
    stop: async () => void (await Promise.all([ours.stop(), plain.stop()])),
  };
}

export async function run(): Promise<BenchResult> {
  const unit = "MiB/s, more is better";
  const near = await pathOver(64 << 20, undefined);
  const result = await alternate(near, { rounds: 7, unit });
  await near.stop();
  const [ourChunks, plainChunks] = [
    await oursOver(64 << 20, () => ({})),
    await plainOver(64 << 20, () => ({}), readChunks),
  ];
  const chunked = await alternate({ ours: ourChunks.run, baseline: plainChunks.run }, { rounds: 5, unit });
  await Promise.all([ourChunks.stop(), plainChunks.stop()]);
  const far = await pathOver(8 << 20, oneWayMs);
  const { ours, baseline, ratio } = await alternate(far, { rounds: 3, unit });
  await far.stop();
  return {
    ...result,
    againstWholeChunks: { baseline: chunked.baseline, ratio: chunked.ratio },
    over100ms: { ours, baseline, ratio },
  };
}
