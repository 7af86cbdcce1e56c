// Transfers over one line come one after another, in the order in which they were asked for, and no slow one holds the others
// up for longer than a turn.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { systemClock } from "../../src/native/index.ts";
import type { Clock } from "../../src/ports/index.ts";
import { Turns } from "../../src/services/bandwidth/turns.ts";

const settled = (): Promise<void> => new Promise((wake) => setImmediate(wake));

function turnsByHand() {
  let due: (() => void)[] = [];
  const clock: Clock = {
    ...systemClock,
    at(_, run) {
      due.push(run);
      return () => {
        due = due.filter((each) => each !== run);
      };
    },
  };
  const turns = new Turns(clock);
  const begun: string[] = [];
  const take = async (name: string): Promise<() => void> => {
    const end = await turns.take(1000);
    begun.push(name);
    return end;
  };
  return {
    ...{ begun, take },
    async timeOut() {
      for (const run of due.splice(0)) run();
      await settled();
    },
    waiting: () => due.length,
  };
}

test("each waits until the one before it has ended", async () => {
  const { begun, take, waiting } = turnsByHand();
  const [first, second, third] = [take("first"), take("second"), take("third")];
  const end = await first;
  await settled();
  assert.equal(begun, ["first"]);
  end();
  (await second)();
  (await third)();
  assert.equal(begun, ["first", "second", "third"]);
  assert.is(waiting(), 0, "no timer is left");
});

test("a turn that takes too long lets the next begin, and what it says later changes nothing", async () => {
  const { begun, take, timeOut } = turnsByHand();
  const [slow, next, last] = [take("slow"), take("next"), take("last")];
  const endSlow = await slow;
  await timeOut();
  assert.equal(begun, ["slow", "next"]);
  endSlow();
  await settled();
  assert.equal(begun, ["slow", "next"], "the third still waits for the second");
  (await next)();
  (await last)();
});

test.run();
