// One question and its answer on a stream of their own. The question is the first frame; the answer comes in frames marked
// `more`, `end` or `failed`. The reader grants credit: an answer is never more than `windowBytes` (and one frame) ahead of
// what was read, so that a slow reader holds its writer back and not its writer's memory, while a fast one never waits for a
// round trip. Used by streams.ts on both sides; knows nothing of accounts, limits or handlers.
import type { Stream } from "@libp2p/interface";
import { type Bytes, bigEndian, FairmeshError, fromBigEndian, utf8ToBytes } from "../primitives/index.ts";
import { Frames, frameCost } from "./frames.ts";
import { chunkBytesMax, windowBytes } from "./protocols.ts";
import { stallGuard } from "./stall-guard.ts";

const mark = { more: 0, end: 1, failed: 2 } as const;
const marks = { more: Uint8Array.of(mark.more), end: Uint8Array.of(mark.end), failed: Uint8Array.of(mark.failed) };
const nothing = new Uint8Array();
const grantBytes = windowBytes / 4;
/** A reader that grants nothing for so long has gone, or wants to hold our memory. */
export const stallMs = 30_000;
const reasonBytesMax = 200;

/** The asker's end: everything that credit allows fits into its buffer. */
export const askerFrames = (stream: Stream, lent: boolean): Frames =>
  new Frames(stream, { frameBytesMax: chunkBytesMax + 1, heldBytesMax: windowBytes + 2 * chunkBytesMax, lent });

/** The answerer's end: a question and grants. */
export const answererFrames = (stream: Stream, questionBytesMax: number): Frames =>
  new Frames(stream, { frameBytesMax: questionBytesMax, heldBytesMax: questionBytesMax + 4096 });

/** The asker's question, or its credit. */
export const ask = (frames: Frames, question: Bytes, signal: AbortSignal): Promise<void> =>
  frames.write(nothing, question, signal);

/** Chunks of the answer as they come. Rejects with `PEER_FAILED` when the other side says that it failed. */
export async function* readAnswer(frames: Frames, signal: AbortSignal): AsyncIterable<Bytes> {
  let ungranted = 0;
  for (;;) {
    const frame = await frames.read(signal);
    if (frame[0] === mark.end) return;
    if (frame[0] === mark.failed) {
      throw new FairmeshError("PEER_FAILED", new TextDecoder().decode(frame.subarray(1, reasonBytesMax)));
    }
    yield frame.subarray(1);
    ungranted += frameCost(frame.length);
    if (ungranted < grantBytes) continue;
    await ask(frames, bigEndian(ungranted), signal);
    ungranted = 0;
  }
}

/** Sends an answer, waiting for credit; `pace` may slow it down. Rejects when the reader stalls or goes. */
export async function writeAnswer(
  frames: Frames,
  answer: AsyncIterable<Bytes>,
  pace: ((bytes: number) => Promise<void>) | undefined,
): Promise<void> {
  const guard = stallGuard(stallMs);
  const { signal } = guard;
  let ahead = 0;
  try {
    for await (const chunk of answer) {
      while (ahead >= windowBytes) {
        const granted = Number(fromBigEndian(await guard.wait(frames.read(signal))));
        // A reader grants what it took in steps of this size; grains of credit would hold our answer for ever.
        if (granted < grantBytes || granted > ahead)
          throw new FairmeshError("PEER_FAILED", "credit for what was never sent");
        ahead -= granted;
      }
      if (pace !== undefined) await pace(chunk.length);
      ahead += frameCost(chunk.length + 1);
      await guard.wait(frames.write(marks.more, chunk, signal));
    }
    await guard.wait(frames.write(marks.end, nothing, signal));
  } finally {
    guard.end();
  }
}

/** Says that there is no answer, or no more of it. */
export async function refuse(frames: Frames, reason: string): Promise<void> {
  const words = utf8ToBytes(reason).subarray(0, reasonBytesMax);
  await frames.write(marks.failed, words, AbortSignal.timeout(stallMs));
}
