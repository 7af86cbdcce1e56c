// Asking others what we lack: one question an account at a time, asked again when a term began meanwhile, and told of by who
// answered what was asked in which term, so that an answer about an earlier term counts for nothing in the next (S-14).
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { State } from "../../../src/consensus/index.ts";
import type { Transport } from "../../../src/ports/index.ts";
import { accountId } from "../../../src/primitives/index.ts";
import { Inquiry } from "../../../src/runtime/driver/inquiry.ts";
import { Core } from "../../support/consensus-core.ts";
import { quietLog } from "../../support/quiet-ports.ts";

const peer = accountId(new Uint8Array(32).fill(1));
const settled = (): Promise<void> => new Promise((wake) => setImmediate(wake));

test("a question under way is not asked twice, and is asked anew in the term that began meanwhile", async () => {
  const first = new Core({ seat: 0 }).state;
  let state: State = first;
  const ends: (() => void)[] = [];
  const answers: (readonly [number, number])[] = [];
  const transport = {
    async *request() {
      await new Promise<void>((end) => ends.push(end));
    },
  } as unknown as Transport;
  const inquiry = new Inquiry({
    transport,
    clock: { nowMs: () => 0, at: () => () => {} } as never,
    log: quietLog,
    stopped: new AbortController().signal,
    state: () => state,
    receive: async () => "accept",
    onAnswer: (from, term) => void answers.push([from[0] as number, term]),
  });
  inquiry.ask(peer);
  inquiry.ask(peer);
  await settled();
  assert.is(ends.length, 1);
  state = { ...first, committee: { ...first.committee, term: first.committee.term + 1 } };
  ends.shift()?.();
  await settled();
  assert.is(ends.length, 1, "it is asked in the new term");
  ends.shift()?.();
  await settled();
  assert.is(ends.length, 0, "and not again");
  const { term } = first.committee;
  assert.equal(answers, [
    [1, term],
    [1, term + 1],
  ]);
});

test.run();
