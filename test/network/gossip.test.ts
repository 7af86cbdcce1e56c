// The stage between gossipsub and the handlers: verdicts come back as they were given, floods wait for themselves, and what
// is too much is dropped unjudged and counted.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Gossip } from "../../src/network/gossip.ts";
import { topicName } from "../../src/network/topics.ts";
import { type Topic, topicBytesMax, type Verdict } from "../../src/ports/index.ts";
import { networkId } from "../../src/primitives/index.ts";
import { createMemoryMetrics } from "../support/memory-telemetry.ts";
import { quietLog } from "../support/quiet-ports.ts";

const id = networkId(new Uint8Array(32).fill(4));
const settled = (): Promise<void> => new Promise((wake) => setImmediate(wake));

/** gossipsub's part: what it hands over, and what it was told of each message. */
class FakeGossipsub extends EventTarget {
  readonly verdicts = new Map<string, Verdict>();
  #count = 0;

  subscribe(): void {}
  reportMessageValidationResult(msgId: string, peer: unknown, verdict: Verdict): void {
    assert.type(peer, "string");
    this.verdicts.set(msgId, verdict);
  }
  deliver(topic: Topic, peer: string, data = new Uint8Array(1)): string {
    const msgId = `${++this.#count}`;
    const detail = { msgId, propagationSource: { toString: () => peer }, msg: { topic: topicName(id, topic), data } };
    this.dispatchEvent(new CustomEvent("gossipsub:message", { detail }));
    return msgId;
  }
}

function make() {
  const state = { nowMs: 0, offences: [] as string[], metrics: createMemoryMetrics(), sub: new FakeGossipsub() };
  const gossip = new Gossip({
    gossip: state.sub as never,
    networkId: id,
    bindings: { boundAccount: () => undefined },
    log: quietLog,
    metrics: state.metrics,
    nowMs: () => state.nowMs,
    onOffence: (peer, offence) => void state.offences.push(`${peer} ${offence}`),
  });
  gossip.start();
  return { gossip, ...state, state };
}

test("each verdict is gossipsub's; a handler that throws means ignore, too long means reject", async () => {
  const { gossip, sub } = make();
  gossip.onGossip("capacity", async ([code]) => {
    if (code === 3) throw new Error("a fault of ours");
    return code === 1 ? "accept" : code === 2 ? "reject" : "ignore";
  });
  const ids = [0, 1, 2, 3].map((code) => sub.deliver("capacity", "p", Uint8Array.of(code)));
  const long = sub.deliver("capacity", "p", new Uint8Array(topicBytesMax.capacity + 1));
  const unhandled = sub.deliver("heads", "p");
  await settled();
  assert.equal(
    [...ids, long, unhandled].map((each) => sub.verdicts.get(each)),
    ["ignore", "accept", "reject", "ignore", "reject", "ignore"],
  );
});

test("a flood of advertisements does not delay votes", async () => {
  const { gossip, sub } = make();
  let capacityBegun = 0;
  const release: (() => void)[] = [];
  gossip.onGossip("capacity", () => {
    capacityBegun += 1;
    return new Promise((resolve) => release.push(() => resolve("accept")));
  });
  gossip.onGossip("consensus", async () => "accept");
  for (let index = 0; index < 5_000; index++) sub.deliver("capacity", "flooder");
  await settled();
  assert.is(capacityBegun, 12, "only so many are judged at once");
  const vote = sub.deliver("consensus", "honest");
  await settled();
  assert.is(sub.verdicts.get(vote), "accept");
  assert.is(capacityBegun, 12, "not one advertisement went before it");
});

test("one peer's flood delays another peer's advertisement by one turn", async () => {
  const { gossip, sub } = make();
  const judged: number[] = [];
  const release: (() => void)[] = [];
  gossip.onGossip("capacity", ([code]) => {
    judged.push(code as number);
    return new Promise((resolve) => release.push(() => resolve("accept")));
  });
  for (let index = 0; index < 1_000; index++) sub.deliver("capacity", "flooder", Uint8Array.of(1));
  sub.deliver("capacity", "honest", Uint8Array.of(2));
  for (let turn = 0; turn < 2; turn++) {
    release.shift()?.();
    await settled();
  }
  assert.ok(judged.slice(12).includes(2), "among the two that were judged next");
});

test("what is judged in vain uses up a peer's share; then it is dropped, until time has passed", async () => {
  const { gossip, sub, metrics, state, offences } = make();
  let judged = 0;
  gossip.onGossip("capacity", async () => {
    judged += 1;
    return "ignore";
  });
  gossip.onGossip("heads", async () => "accept");
  for (let index = 0; index < 5_000; index++) {
    sub.deliver("capacity", "liar");
    if (index % 500 === 0) await settled();
  }
  await settled();
  const early = judged;
  assert.ok(early >= 2_000 && early < 3_500, `${early} of 5000 were judged`);
  assert.ok((metrics.value("fairmesh_gossip_dropped_total", { topic: "capacity", reason: "peer" }) ?? 0) > 0);
  const head = sub.deliver("heads", "liar");
  await settled();
  assert.is(sub.verdicts.get(head), "accept", "its other topics are not concerned");
  assert.equal(offences, [], "a node that knows less than its peers holds it against nobody");
  state.nowMs += 60_000;
  sub.deliver("capacity", "liar");
  await settled();
  assert.is(judged, early + 1);
});

test("a rate that no network has is an offence", async () => {
  const { gossip, sub, offences } = make();
  gossip.onGossip("capacity", async () => "accept");
  for (let index = 0; index < 10_100; index++) sub.deliver("capacity", "flooder");
  await settled();
  assert.is(offences.filter((each) => each === "flooder gossip-flood").length, 100);
});

test("what waited too long is not judged any more: gossipsub has forgotten it", async () => {
  const { gossip, sub, state, metrics } = make();
  const release: (() => void)[] = [];
  gossip.onGossip("proofs", () => new Promise((resolve) => release.push(() => resolve("accept"))));
  const ids = Array.from({ length: 13 }, () => sub.deliver("proofs", "p"));
  state.nowMs += 6_000;
  release[0]?.();
  await settled();
  assert.is(sub.verdicts.get(ids[12] as string), "ignore");
  assert.is(metrics.value("fairmesh_gossip_dropped_total", { topic: "proofs", reason: "late" }), 1);
});

test.run();
