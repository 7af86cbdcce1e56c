// Frames gathered from whatever pieces their bytes come in: whole and in order, bounded, and never one that did not come whole.
import { type Stream, StreamCloseEvent, StreamMessageEvent } from "@libp2p/interface";
import fc from "fast-check";
import { Uint8ArrayList } from "uint8arraylist";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Frames, FrameTooLongError } from "../../src/network/frames.ts";
import { type Bytes, concatBytes } from "../../src/primitives/index.ts";
import { lengthPrefixed, varint } from "../support/proto.ts";

const limits = { frameBytesMax: 1_000, heldBytesMax: 4_000 };
const soon = (): AbortSignal => AbortSignal.timeout(1_000);

/** As much of a libp2p stream as frames need. */
class FakeStream extends EventTarget {
  readonly sent: Bytes[] = [];
  readonly readBufferLength = 0;
  remoteWriteStatus = "writable";
  writeBufferLength = 0;
  aborted: Error | undefined;
  takes = true;

  send(data: Uint8ArrayList): boolean {
    this.sent.push(data.subarray());
    return this.takes;
  }

  abort(error: Error): void {
    this.aborted = error;
  }

  bring(...pieces: readonly Bytes[]): void {
    this.dispatchEvent(new StreamMessageEvent(new Uint8ArrayList(...pieces)));
  }
}

function open(lent = false) {
  const stream = new FakeStream();
  return { stream, frames: new Frames(stream as unknown as Stream, { ...limits, lent }) };
}

const refusal = (reading: Promise<unknown>): Promise<unknown> =>
  reading.then(
    () => "nothing was refused",
    (error: unknown) => error,
  );

test("frames come out as they went in, in whatever pieces", async () => {
  const bytesOf = fc.uint8Array({ minLength: 0, maxLength: 400 });
  const property = fc.asyncProperty(
    fc.array(bytesOf, { minLength: 1, maxLength: 6 }),
    fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 20 }),
    async (wanted, sizes) => {
      const { stream, frames } = open();
      const all = concatBytes(...wanted.map(lengthPrefixed));
      for (let at = 0, turn = 0; at < all.length; turn++) {
        const size = sizes[turn % sizes.length] as number;
        stream.bring(all.subarray(at, at + size));
        at += size;
      }
      for (const frame of wanted) assert.equal(new Uint8Array(await frames.read(soon())), frame);
    },
  );
  await fc.assert(property, { numRuns: 300 });
});

test("a frame that says it is too long, and a length that does not end, are refused before anything is gathered", async () => {
  for (const bytes of [varint(1_001), varint(2 ** 27), Uint8Array.from([255, 255, 255, 255, 1])]) {
    const { stream, frames } = open();
    stream.bring(bytes);
    assert.instance(await refusal(frames.read(soon())), FrameTooLongError);
    assert.instance(stream.aborted, FrameTooLongError);
    stream.bring(lengthPrefixed(new Uint8Array(3)));
    assert.instance(await refusal(frames.read(soon())), FrameTooLongError, "nothing is read after that");
  }
});

test("what is not read is bounded, and reading makes room", async () => {
  const { stream, frames } = open();
  const frame = lengthPrefixed(new Uint8Array(900));
  for (let round = 0; round < 40; round++) {
    for (let count = 0; count < 4; count++) stream.bring(frame);
    for (let count = 0; count < 4; count++) assert.is((await frames.read(soon())).length, 900);
  }
  for (let count = 0; count < 5; count++) stream.bring(frame);
  assert.instance(stream.aborted, FrameTooLongError);
});

test("frames of nothing, or next to nothing, are held against whoever sends them, too: each costs memory of its own", async () => {
  for (const frame of [lengthPrefixed(new Uint8Array()), lengthPrefixed(Uint8Array.of(1))]) {
    const { stream } = open();
    for (let count = 0; count < 200 && stream.aborted === undefined; count++) stream.bring(frame);
    assert.instance(stream.aborted, FrameTooLongError);
    const { stream: another, frames } = open();
    // As many at once as a piece of the line holds, and in good order when they are read in time.
    for (let round = 0; round < 40; round++) {
      for (let count = 0; count < 20; count++) another.bring(frame);
      for (let count = 0; count < 20; count++) await frames.read(soon());
    }
    assert.is(another.aborted, undefined);
    another.bring(concatBytes(...Array.from({ length: 5_000 }, () => frame)));
    assert.instance(another.aborted, FrameTooLongError);
  }
});

test("what came whole is read after the end; what did not is not", async () => {
  for (const end of ["remoteCloseWrite", "close"] as const) {
    const { stream, frames } = open();
    stream.dispatchEvent(end === "close" ? new StreamCloseEvent() : new Event(end));
    // A muxer's frame that ends a stream may bring bytes, which come after that event.
    if (end === "remoteCloseWrite")
      stream.bring(lengthPrefixed(Uint8Array.of(1, 2, 3)), varint(100), new Uint8Array(99));
    await new Promise((wake) => setImmediate(wake));
    if (end === "remoteCloseWrite") assert.equal([...(await frames.read(soon()))], [1, 2, 3]);
    assert.match(String(await refusal(frames.read(soon()))), /the stream ended/);
  }
});

test("a reader that waits is woken by a frame, by the end, and by its signal", async () => {
  const { stream, frames } = open();
  const first = frames.read(soon());
  stream.bring(lengthPrefixed(Uint8Array.of(9)));
  assert.equal([...(await first)], [9]);
  const control = new AbortController();
  const second = refusal(frames.read(control.signal));
  control.abort(new Error("enough"));
  assert.match(String(await second), /enough/);
  const third = refusal(frames.read(soon()));
  stream.dispatchEvent(new StreamCloseEvent());
  assert.match(String(await third), /the stream ended/);
});

test("a writer waits only while much waits to be sent", async () => {
  const { stream, frames } = open();
  await frames.write(Uint8Array.of(7), Uint8Array.of(1, 2), soon());
  assert.equal([...(stream.sent[0] as Bytes)], [3, 7, 1, 2]);
  stream.takes = false;
  await frames.write(new Uint8Array(), Uint8Array.of(4), soon());
  stream.writeBufferLength = 2 << 20;
  let written = false;
  const writing = frames.write(new Uint8Array(), Uint8Array.of(5), soon()).then(() => {
    written = true;
  });
  stream.dispatchEvent(new Event("drain"));
  await new Promise((wake) => setImmediate(wake));
  assert.not.ok(written, "there is as much as before");
  stream.writeBufferLength = 0;
  stream.dispatchEvent(new Event("drain"));
  await writing;
});

test("a lent frame's memory is used again, for one as long, once the next was read, and never before", async () => {
  const of = (value: number): Bytes => new Uint8Array(100).fill(value);
  for (const lent of [true, false]) {
    const { stream, frames } = open(lent);
    stream.bring(lengthPrefixed(of(1)));
    const one = await frames.read(soon());
    stream.bring(lengthPrefixed(of(2)));
    assert.equal([...one], [...of(1)], "it is good until the next is read");
    const two = await frames.read(soon());
    stream.bring(lengthPrefixed(of(3)));
    assert.equal([...one], [...of(lent ? 3 : 1)]);
    assert.equal([...two], [...of(2)]);
    assert.equal([...(await frames.read(soon()))], [...of(3)]);
    stream.bring(lengthPrefixed(new Uint8Array(50)));
    assert.is((await frames.read(soon())).length, 50, "one of another length has its own");
  }
});

test.run();
