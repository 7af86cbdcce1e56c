// Walks of what may be long: the event loop, on which votes wait, too, goes on between two batches.
import { setImmediate } from "node:timers/promises";

const batchItems = 1_024;

export async function* inBatches<T>(items: Iterable<T>): AsyncGenerator<readonly T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < batchItems) continue;
    yield batch;
    batch = [];
    await setImmediate();
  }
  yield batch;
}
