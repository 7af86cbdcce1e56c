// What every Random must do: lengths, bounds, and no value much likelier than another.
import type { test as uvuTest } from "uvu";
import * as assert from "uvu/assert";
import type { Random } from "../../src/ports/index.ts";

export function randomContract(test: typeof uvuTest, name: string, make: () => Random): void {
  test(`${name}: as many bytes as asked for, fresh each time`, () => {
    const random = make();
    for (const length of [0, 1, 32, 1000]) assert.is(random.bytes(length).length, length);
    assert.not.equal(random.bytes(32), random.bytes(32));
    const seen = new Set(random.bytes(20_000));
    assert.is(seen.size, 256);
  });

  test(`${name}: below stays below, for the smallest bound and the largest`, () => {
    const random = make();
    assert.is(random.below(1), 0);
    for (let run = 0; run < 200; run++) {
      for (const bound of [2, 3, 1000, 2 ** 31, 2 ** 32]) {
        const value = random.below(bound);
        assert.ok(Number.isInteger(value) && value >= 0 && value < bound, `${value} below ${bound}`);
      }
    }
  });

  test(`${name}: every value comes about equally often`, () => {
    const random = make();
    const counts = Array.from({ length: 10 }, () => 0);
    for (let run = 0; run < 10_000; run++) {
      const value = random.below(10);
      counts[value] = (counts[value] as number) + 1;
    }
    for (const count of counts) assert.ok(count > 800 && count < 1200, counts.join());
  });
}
