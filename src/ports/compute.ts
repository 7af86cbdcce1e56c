// Work too long for the event loop.
import type { Bytes } from "../primitives/index.ts";

export interface Compute {
  /** Runs a named task elsewhere (a worker); `onProgress` hears of it in ppm. Aborting stops the work. */
  run(task: "seal", input: Bytes, signal: AbortSignal, onProgress: (ppm: number) => void): Promise<Bytes>;
}
