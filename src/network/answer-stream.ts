// One question and its answer on a stream of their own. The question is the first frame; the answer comes in frames marked
// `more`, `end` or `failed`. The reader grants credit: an answer is never more than `windowBytes` (and one frame) ahead of
// what was read, so that a slow reader holds its writer back and not its writer's memory, while a fast one never waits for a
// round trip. Used by streams.ts on both sides; knows nothing of accounts, limits or handlers.
import type { Stream } from "@libp2p/interface";
import { type LengthPrefixedStream, lpStream } from "@libp2p/utils";
import { encode as encodeVarint } from "uint8-varint";
import { type Bytes, bigEndian, concatBytes, FairmeshError, fromBigEndian, utf8ToBytes } from "../primitives/index.ts";
import { chunkBytesMax, windowBytes } from "./protocols.ts";
import { stallGuard } from "./stall-guard.ts";

export type Frames = LengthPrefixedStream<Stream>;

const mark = { more: 0, end: 1, failed: 2 } as const;
const markOf = (kind: keyof typeof mark): Bytes => new Uint8Array([mark[kind]]);
const grantBytes = windowBytes / 4;
/** A reader that grants nothing for so long has gone, or wants to hold our memory. */
export const stallMs = 30_000;
const reasonBytesMax = 200;

/** The asker's end: everything that credit allows fits into its buffer. */
export const askerFrames = (stream: Stream): Frames =>
  lpStream(stream, { maxDataLength: chunkBytesMax + 1, maxBufferSize: windowBytes + 2 * chunkBytesMax });

/** The answerer's end: a question and grants. */
export const answererFrames = (stream: Stream, questionBytesMax: number): Frames =>
  lpStream(stream, { maxDataLength: questionBytesMax, maxBufferSize: questionBytesMax + 4096 });

/** Chunks of the answer as they come. Rejects with `PEER_FAILED` when the other side says that it failed. */
export async function* readAnswer(frames: Frames, signal: AbortSignal): AsyncIterable<Bytes> {
  let ungranted = 0;
  for (;;) {
    const frame = (await frames.read({ signal })).subarray();
    if (frame[0] === mark.end) return;
    if (frame[0] === mark.failed) {
      throw new FairmeshError("PEER_FAILED", new TextDecoder().decode(frame.subarray(1, reasonBytesMax)));
    }
    yield frame.subarray(1);
    ungranted += frame.length;
    if (ungranted < grantBytes) continue;
    await frames.write(bigEndian(ungranted), { signal });
    ungranted = 0;
  }
}

/** Length, mark and chunk as one piece: each piece becomes an encrypted record of its own. */
const pieceOf = (chunk: Bytes): Bytes => {
  const prefix = encodeVarint(chunk.length + 1);
  const piece = Buffer.allocUnsafe(prefix.length + 1 + chunk.length);
  piece.set(prefix);
  piece[prefix.length] = mark.more;
  piece.set(chunk, prefix.length + 1);
  return piece;
};

/** Settles when the stream takes more; rejects when it ends, or by the signal. (libp2p's own `onDrain` waits only once.) */
const drained = (stream: Stream, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const settle = (run: () => void) => (): void => {
      stream.removeEventListener("drain", onDrain);
      stream.removeEventListener("close", onClose);
      signal.removeEventListener("abort", onAbort);
      run();
    };
    const onDrain = settle(resolve);
    const onClose = settle(() => reject(new Error("the stream ended")));
    const onAbort = settle(() => reject(signal.reason));
    stream.addEventListener("drain", onDrain);
    stream.addEventListener("close", onClose);
    signal.addEventListener("abort", onAbort);
  });

/** Sends an answer, waiting for credit; `pace` may slow it down. Rejects when the reader stalls or goes. */
export async function writeAnswer(
  { stream, frames }: { readonly stream: Stream; readonly frames: Frames },
  answer: AsyncIterable<Bytes>,
  pace: ((bytes: number) => Promise<void>) | undefined,
): Promise<void> {
  const guard = stallGuard(stallMs);
  const { signal } = guard;
  let ahead = 0;
  try {
    for await (const chunk of answer) {
      while (ahead >= windowBytes) {
        const granted = Number(fromBigEndian((await guard.wait(frames.read({ signal }))).subarray()));
        if (granted <= 0 || granted > ahead) throw new FairmeshError("PEER_FAILED", "credit for what was never sent");
        ahead -= granted;
      }
      if (pace !== undefined) await pace(chunk.length);
      ahead += chunk.length + 1;
      if (!stream.send(pieceOf(chunk))) await guard.wait(drained(stream, signal));
    }
    await guard.wait(frames.write(markOf("end"), { signal }));
  } finally {
    guard.end();
  }
}

/** Says that there is no answer, or no more of it. */
export async function refuse(frames: Frames, reason: string): Promise<void> {
  const words = utf8ToBytes(reason).subarray(0, reasonBytesMax);
  await frames.write(concatBytes(markOf("failed"), words), { signal: AbortSignal.timeout(stallMs) });
}
