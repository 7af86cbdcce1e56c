// Frames to seats: over their stream, and by gossip when the seat cannot be reached (S-8).
import { test } from "uvu";
import * as assert from "uvu/assert";
import { systemClock } from "../../../src/native/index.ts";
import type { Transport } from "../../../src/ports/index.ts";
import { accountId, type Bytes, FairmeshError, keyOf } from "../../../src/primitives/index.ts";
import { Outbox } from "../../../src/runtime/driver/outbox.ts";
import { limits } from "../../../src/runtime/driver/wire.ts";

const seat = (fill: number) => accountId(new Uint8Array(32).fill(fill));
const settled = (): Promise<void> => new Promise((wake) => setTimeout(wake, 20));

function make(reachable: (account: string) => boolean) {
  const sent: string[] = [];
  const published: Bytes[] = [];
  const transport = {
    send: async (to: Bytes) => {
      if (!reachable(keyOf(to))) throw new FairmeshError("PEER_UNREACHABLE", "not connected");
      sent.push(keyOf(to));
    },
    publish: async (topic: string, bytes: Bytes) => {
      assert.is(topic, "consensus");
      published.push(bytes);
    },
  } as unknown as Transport;
  const outbox = new Outbox({ transport, clock: systemClock, stopped: new AbortController().signal });
  return { outbox, sent, published };
}

test("S-8: whoever is reached gets it directly, and nothing is gossiped", async () => {
  const { outbox, sent, published } = make(() => true);
  const frame = new Uint8Array(3_400);
  for (const fill of [1, 2, 3]) outbox.send(seat(fill), frame);
  await settled();
  assert.is(sent.length, 3);
  assert.equal(published, []);
});

test("S-8: a vote to seats that cannot be reached is gossiped, once for all of them", async () => {
  const { outbox, sent, published } = make((account) => account === keyOf(seat(1)));
  const frame = new Uint8Array(3_400);
  for (const fill of [1, 2, 3]) outbox.send(seat(fill), frame);
  await settled();
  assert.equal([sent.length, published.length, outbox.dropped], [1, 1, 2]);
  outbox.send(seat(2), new Uint8Array(3_400).fill(1));
  await settled();
  assert.is(published.length, 2, "another frame is gossiped too");
});

test("what is long is not gossiped: whoever lacks it asks", async () => {
  const { outbox, published } = make(() => false);
  outbox.send(seat(1), new Uint8Array(limits.gossipedFrameBytesMax + 1));
  await settled();
  assert.equal(published, []);
});

test.run();
