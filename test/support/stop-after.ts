// Stops what a test opened, also when the test fails: a node left open would keep its process, and hide what failed.
import type { test as uvuTest } from "uvu";

interface Stoppable {
  stop(): Promise<void>;
}

/** Answers a function that takes note of what is to be stopped after the test, last opened first. */
export function stopAfterEach(test: typeof uvuTest): <T extends Stoppable>(opened: Promise<T> | T) => Promise<T> {
  const open: Stoppable[] = [];
  test.after.each(async () => {
    for (const each of open.splice(0).reverse()) await each.stop();
  });
  return async (opened) => {
    const each = await opened;
    open.push(each);
    return each;
  };
}
