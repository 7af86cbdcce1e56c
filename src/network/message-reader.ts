// Frames of a long-lived stream, one at a time, with backpressure that libp2p's own readers do not give: while more than
// `heldBytesMax` wait here, the stream is paused, so that its sender runs out of window and waits.
import type { Stream } from "@libp2p/interface";
import { lpStream } from "@libp2p/utils";
import type { Bytes } from "../primitives/index.ts";
import { frameBytesMax, windowBytes } from "./protocols.ts";

const heldBytesMax = 1 << 20;

/** Ends when the stream does; rejects when it breaks off or a frame is too long. */
export async function* readMessages(stream: Stream): AsyncIterable<Bytes> {
  let held = 0;
  let resuming = false;
  const pauseWhenFull = (): void => {
    // Within resume() a pause would be undone by the window that resume() opens when it is done.
    if (held > heldBytesMax + frameBytesMax && !resuming && stream.readStatus === "readable") stream.pause();
  };
  const resume = (): void => {
    resuming = true;
    stream.resume();
    resuming = false;
    pauseWhenFull();
  };
  stream.addEventListener("message", ({ data }) => {
    held += data.byteLength;
    pauseWhenFull();
  });
  // What was on its way when we paused comes still, at most a window of it, and another when we go on.
  const maxBufferSize = heldBytesMax + frameBytesMax + 2 * windowBytes;
  const frames = lpStream(stream, { maxDataLength: frameBytesMax, maxBufferSize });
  for (;;) {
    const frame = (await frames.read()).subarray();
    held -= frame.length + prefixBytes(frame.length);
    if (held < heldBytesMax && stream.readStatus === "paused") resume();
    yield frame;
  }
}

/** Bytes of a length as a varint. */
const prefixBytes = (length: number): number => (length < 1 << 7 ? 1 : length < 1 << 14 ? 2 : length < 1 << 21 ? 3 : 4);
