// What every Log must do. Called with a way to make one whose lines can be read.
import type { test as uvuTest } from "uvu";
import * as assert from "uvu/assert";
import type { Log } from "../../src/ports/index.ts";

export interface ReadableLog {
  readonly log: Log;
  /** What was written so far. */
  lines(): readonly { readonly level: string; readonly message: string; readonly fields: Record<string, unknown> }[];
}

export function logContract(test: typeof uvuTest, name: string, make: () => ReadableLog): void {
  test(`${name}: writes level, message and fields of each line, in order`, () => {
    const { log, lines } = make();
    log.debug("one", { number: 1 });
    log.info("two");
    log.warn("three", { flag: true });
    log.error("four", { text: "x" });
    assert.equal(
      lines().map(({ level, message }) => [level, message]),
      [
        ["debug", "one"],
        ["info", "two"],
        ["warn", "three"],
        ["error", "four"],
      ],
    );
    assert.is(lines()[0]?.fields.number, 1);
    assert.is(lines()[2]?.fields.flag, true);
  });

  test(`${name}: a child adds its fields to every line, and to its children's`, () => {
    const { log, lines } = make();
    log.child({ part: "consensus" }).child({ term: 3 }).info("vote", { view: 7 });
    log.info("plain");
    const [vote, plain] = lines();
    assert.equal([vote?.fields.part, vote?.fields.term, vote?.fields.view], ["consensus", 3, 7]);
    assert.is(plain?.fields.part, undefined);
  });
}
