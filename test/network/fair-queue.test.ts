// Gossip that waits: no flood on one topic or by one peer makes another wait longer than its share, and nothing grows.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { FairQueue, type Waiting } from "../../src/network/fair-queue.ts";
import { lanes } from "../../src/network/gossip.ts";
import type { Topic } from "../../src/ports/index.ts";

interface Entry extends Waiting {
  readonly name: string;
}

const entry = (topic: Topic, peer: string, name: string, length = 10): Entry => ({
  topic,
  peer,
  name,
  bytes: { length },
});
const all = (): boolean => true;

test("a flood of advertisements delays a vote by one turn at most", () => {
  const queue = new FairQueue<Entry>(lanes);
  for (let index = 0; index < 1_000; index++) queue.push(entry("capacity", "flooder", `${index}`));
  queue.next(all);
  queue.push(entry("consensus", "honest", "vote"));
  const order = [queue.next(all)?.name, queue.next(all)?.name];
  assert.ok(order.includes("vote"), `the vote is among the next two, not after ${order}`);
});

test("topics get turns by weight: nobody starves", () => {
  const queue = new FairQueue<Entry>(lanes);
  for (let index = 0; index < 200; index++) {
    queue.push(entry("consensus", "a", "c"));
    queue.push(entry("capacity", "a", "k"));
  }
  const taken = Array.from({ length: 90 }, () => queue.next(all)?.name);
  assert.is(taken.filter((name) => name === "c").length, 80);
  assert.is(taken.filter((name) => name === "k").length, 10);
});

test("peers of a topic take turns, however much one sends", () => {
  const queue = new FairQueue<Entry>(lanes);
  for (let index = 0; index < 500; index++) queue.push(entry("capacity", "flooder", "flood"));
  for (const peer of ["b", "c", "d"]) queue.push(entry("capacity", peer, peer));
  const first = Array.from({ length: 5 }, () => queue.next(all)?.name);
  for (const peer of ["b", "c", "d"]) assert.ok(first.includes(peer), `${peer} among ${first}`);
});

test("when a topic is full, the oldest of whoever has most waiting goes", () => {
  const small = { ...lanes, capacity: { weight: 1, messagesMax: 4, bytesMax: 1_000 } };
  const queue = new FairQueue<Entry>(small);
  queue.push(entry("capacity", "honest", "h"));
  const gone = Array.from({ length: 6 }, (_, index) => queue.push(entry("capacity", "flooder", `f${index}`))).flat();
  assert.equal(
    gone.map(({ name }) => name),
    ["f0", "f1", "f2"],
  );
  assert.is(queue.waiting("capacity"), 4);
  const long = queue.push(entry("capacity", "long", "l", 2_000));
  assert.equal(
    long.map(({ name }) => name),
    ["l"],
    "one that is longer than all there is room for goes itself",
  );
});

test("a topic that may not be judged now is passed over", () => {
  const queue = new FairQueue<Entry>(lanes);
  queue.push(entry("capacity", "a", "k"));
  queue.push(entry("heads", "a", "h"));
  assert.is(queue.next((topic) => topic !== "heads")?.name, "k");
  assert.is(
    queue.next((topic) => topic !== "heads"),
    undefined,
  );
  assert.is(queue.next(all)?.name, "h");
});

test.run();
