// Length-prefixed frames of a stream in which much comes: each is gathered into a buffer of its own as its bytes arrive, so
// that they are copied once and no list of pieces is walked (libp2p's `lpStream` keeps pieces and looks at them byte by byte).
// What waits to be read is bounded: a sender who goes beyond it, or says that a frame is too long, ends the stream. Used by
// answer-stream.ts.
import type { Stream, StreamMessageEvent } from "@libp2p/interface";
import { encode as encodeVarint } from "uint8-varint";
import { Uint8ArrayList } from "uint8arraylist";
import { type Bytes, concatBytes } from "../primitives/index.ts";

export interface FrameLimits {
  readonly frameBytesMax: number;
  /** What was received and not read, as `frameCost` counts it. */
  readonly heldBytesMax: number;
  /** A frame is good only until the next one is read: its buffer is used again. */
  readonly lent?: boolean;
}

/** What a frame costs whoever holds it: its bytes and what a buffer is besides, or frames of nothing would be free. */
export const frameCost = (bytes: number): number => bytes + 64;

/** Bytes that wait in the muxer before a writer has to. */
const waitingBytes = 1 << 20;
/** A length is a varint of at most four bytes: more than any frame of ours. */
const lengthShiftMax = 21;

/** The other side sent what it must not: a longer frame than agreed, or more than it was granted. */
export class FrameTooLongError extends Error {
  override name = "FrameTooLongError";
}

const ended = (): Error => new Error("the stream ended");

export class Frames {
  readonly stream: Stream;
  readonly #limits: FrameLimits;
  readonly #whole: Bytes[] = [];
  #held = 0;
  /** Of lent frames: the one that was read last, and buffers that are free again. */
  #lent: Bytes | undefined;
  readonly #spare: Bytes[] = [];
  /** The frame that is being gathered, and how much of it there is; while there is none, its length so far. */
  #frame: Bytes | undefined;
  #filled = 0;
  #length = 0;
  #shift = 0;
  #ended: unknown;
  #wake: () => void = () => {};

  /** Reads from now on whatever the stream brings. */
  constructor(stream: Stream, limits: FrameLimits) {
    this.#limits = limits;
    this.stream = stream;
    stream.addEventListener("message", ({ data }: StreamMessageEvent) => {
      if (this.#ended !== undefined) return;
      try {
        if (data instanceof Uint8Array) this.#take(data);
        else for (const piece of data) this.#take(piece);
      } catch (error) {
        this.#whole.length = 0;
        this.#end(error);
        stream.abort(error as Error);
        return;
      }
      if (this.#whole.length > 0) this.#wake();
    });
    const closed = ({ error }: { readonly error?: Error }): void => this.#end(error ?? ended());
    stream.addEventListener("close", closed as () => void);
    // A frame of the muxer that says so may bring data with it, which is handed over after that event.
    stream.addEventListener("remoteCloseWrite", () => queueMicrotask(() => this.#end(ended())));
    if (stream.remoteWriteStatus === "closed" && stream.readBufferLength === 0) this.#end(ended());
  }

  /** The next frame. Rejects when the stream ends before it is whole, or by the signal. */
  async read(signal: AbortSignal): Promise<Bytes> {
    for (;;) {
      const frame = this.#whole.shift();
      if (frame !== undefined) {
        this.#held -= frameCost(frame.length);
        if (this.#limits.lent === true) this.#lend(frame);
        return frame;
      }
      if (this.#ended !== undefined) throw this.#ended;
      signal.throwIfAborted();
      await new Promise<void>((resolve, reject) => {
        const abort = (): void => reject(signal.reason);
        signal.addEventListener("abort", abort, { once: true });
        this.#wake = () => {
          signal.removeEventListener("abort", abort);
          resolve();
        };
      });
    }
  }

  /**
   * Sends a frame whose bytes are `marks` and then `bytes`, which is not copied and must stay as it is; settles when little
   * waits to be sent. (Some does always, so that the line is never idle between one frame and the next.)
   */
  async write(marks: Bytes, bytes: Bytes, signal: AbortSignal): Promise<void> {
    const head = concatBytes(encodeVarint(marks.length + bytes.length), marks);
    if (this.stream.send(new Uint8ArrayList(head, bytes))) return;
    while (this.stream.writeBufferLength > waitingBytes) await drained(this.stream, signal);
  }

  #lend(frame: Bytes): void {
    if (this.#lent !== undefined) this.#spare.push(this.#lent);
    this.#lent = frame;
  }

  #end(why: unknown): void {
    this.#ended ??= why;
    this.#wake();
  }

  #take(piece: Bytes): void {
    for (let at = 0; at < piece.length; ) {
      const frame = this.#frame;
      if (frame === undefined) this.#takeLength(piece[at++] as number);
      else {
        const part = piece.subarray(at, at + frame.length - this.#filled);
        frame.set(part, this.#filled);
        this.#hold(part.length);
        at += part.length;
        this.#filled += part.length;
      }
      if (this.#frame?.length === this.#filled) {
        this.#whole.push(this.#frame);
        this.#frame = undefined;
      }
    }
  }

  #hold(cost: number): void {
    this.#held += cost;
    if (this.#held > this.#limits.heldBytesMax) throw new FrameTooLongError("more was sent than was granted");
  }

  #takeLength(byte: number): void {
    if (this.#shift > lengthShiftMax) throw new FrameTooLongError("the length of a frame is too long");
    this.#length |= (byte & 127) << this.#shift;
    this.#shift += 7;
    if (byte > 127) return;
    const length = this.#length;
    if (length > this.#limits.frameBytesMax) throw new FrameTooLongError(`a frame of ${length} bytes`);
    this.#hold(frameCost(0));
    const spare = this.#spare.pop();
    this.#frame = spare?.length === length ? spare : Buffer.allocUnsafe(length);
    this.#filled = 0;
    this.#length = 0;
    this.#shift = 0;
  }
}

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
