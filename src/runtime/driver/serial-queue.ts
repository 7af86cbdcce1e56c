// One thing at a time, in order, with a limit. The driver has two: inputs to the core, and calls to the application.
// What peers cause fills at most the limit; what this node itself began (timers, outcomes of checks, built blocks) always has
// the same room again, because it would not come a second time. A task that throws ends the queue for good: whoever made it
// is told once, and nothing further runs.
import { FairmeshError } from "../../primitives/index.ts";

export class SerialQueue {
  readonly #tasks: (() => Promise<void>)[] = [];
  readonly #limit: number;
  readonly #onFailure: (error: unknown) => void;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(limit: number, onFailure: (error: unknown) => void) {
    this.#limit = limit;
    this.#onFailure = onFailure;
  }

  get length(): number {
    return this.#tasks.length;
  }

  /** False when the queue is full or closed, and the task will not run. */
  push(task: () => Promise<void>, cause: "own" | "peer"): boolean {
    const limit = cause === "own" ? 2 * this.#limit : this.#limit;
    if (this.#closed || this.#tasks.length >= limit) return false;
    this.#tasks.push(task);
    this.#running ??= this.#run();
    return true;
  }

  /** Runs a task in its turn and gives its outcome; its failure is the caller's and does not end the queue. */
  call<T>(task: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const queued = this.push(() => task().then(resolve, reject), "own");
      if (!queued) reject(new FairmeshError("QUEUE_FULL", "too many calls are waiting, or the driver has stopped"));
    });
  }

  /** Drops what waits and settles when the task under way has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#tasks.length = 0;
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      for (let task = this.#tasks.shift(); task !== undefined; task = this.#tasks.shift()) await task();
    } catch (error) {
      this.#closed = true;
      this.#tasks.length = 0;
      this.#onFailure(error);
    } finally {
      this.#running = undefined;
    }
  }
}
