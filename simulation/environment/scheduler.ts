// Virtual time and the one loop that lets anything happen in a simulation. Events at one time run in an order drawn from the
// seed; between two events every promise that can settle does. Two runs with one seed have equal trace hashes.
import { createHash, type Hash } from "node:crypto";
import { invariant } from "../../src/primitives/index.ts";
import type { SeededRandom } from "./seeded-random.ts";

interface Scheduled {
  readonly atMs: number;
  readonly order: number;
  readonly label: string;
  readonly run: () => void;
  cancelled: boolean;
}

export class Scheduler {
  readonly #random: SeededRandom;
  readonly #heap: Scheduled[] = [];
  readonly #trace: Hash = createHash("sha256");
  #nowMs: number;
  #events = 0;

  constructor(options: { readonly startMs: number; readonly random: SeededRandom }) {
    this.#nowMs = options.startMs;
    this.#random = options.random;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  get events(): number {
    return this.#events;
  }

  get pending(): number {
    return this.#heap.length;
  }

  /** Runs `run` at `atMs`, or now if that has passed. Events of one millisecond are shuffled. */
  at(atMs: number, label: string, run: () => void): () => void {
    const event: Scheduled = {
      atMs: Math.max(atMs, this.#nowMs),
      order: this.#random.below(0x1_0000_0000),
      label,
      run,
      cancelled: false,
    };
    push(this.#heap, event);
    return () => {
      event.cancelled = true;
    };
  }

  after(delayMs: number, label: string, run: () => void): () => void {
    return this.at(this.#nowMs + delayMs, label, run);
  }

  /** Adds to what the trace hash stands for. */
  note(text: string): void {
    this.#trace.update(`${this.#nowMs} ${text}\n`);
  }

  /** Runs events until `untilMs` or until `done` answers true between two of them. */
  async run(untilMs: number, done: () => boolean = () => false): Promise<void> {
    await settled();
    while (!done()) {
      const next = this.#heap[0];
      if (next === undefined || next.atMs > untilMs) {
        this.#nowMs = Math.max(this.#nowMs, untilMs);
        return;
      }
      pop(this.#heap);
      if (next.cancelled) continue;
      invariant(next.atMs >= this.#nowMs, "time does not go back", {});
      this.#nowMs = next.atMs;
      this.#events += 1;
      this.note(next.label);
      next.run();
      await settled();
    }
  }

  /** The hash of everything noted so far. */
  traceHash(): string {
    return this.#trace.copy().digest("hex");
  }
}

/** Every promise that can settle without the scheduler has settled. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const before = (a: Scheduled, b: Scheduled): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

function push(heap: Scheduled[], event: Scheduled): void {
  heap.push(event);
  let index = heap.length - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (!before(event, heap[parent] as Scheduled)) break;
    heap[index] = heap[parent] as Scheduled;
    index = parent;
  }
  heap[index] = event;
}

function pop(heap: Scheduled[]): void {
  const last = heap.pop() as Scheduled;
  if (heap.length === 0) return;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1] as Scheduled, heap[child] as Scheduled)) child += 1;
    if (!before(heap[child] as Scheduled, last)) break;
    heap[index] = heap[child] as Scheduled;
    index = child;
  }
  heap[index] = last;
}
