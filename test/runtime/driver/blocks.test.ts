// Bodies: a block that no quorum certified makes us fetch nothing else; a certified one, its ancestors, whose bytes are checked.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { sha256 } from "../../../src/crypto/index.ts";
import { systemClock } from "../../../src/native/index.ts";
import type { Application, CheckResult, Transport } from "../../../src/ports/index.ts";
import { accountId, type Bytes, equalBytes, keyOf } from "../../../src/primitives/index.ts";
import { Blocks } from "../../../src/runtime/driver/blocks.ts";
import { SerialQueue } from "../../../src/runtime/driver/serial-queue.ts";
import { serveBodies } from "../../../src/runtime/driver/serve.ts";
import { limits } from "../../../src/runtime/driver/wire.ts";
import { bodyRequestCodec, encodePruned, prunedBelow } from "../../../src/schema/index.ts";
import { block, factsOf, genesis } from "../../support/consensus-core.ts";
import { createMemoryStore } from "../../support/memory-store.ts";
import { createMemoryLog } from "../../support/memory-telemetry.ts";

/** A block's bytes are its number; each stands on the one before, and 1 on the floor. */
const bytesOf = (number: number): Bytes => Uint8Array.of(number);
const digestOf = (number: number) => (number === 0 ? block("genesis") : sha256(bytesOf(number)));
/** A block whose height is beyond all that can be proposed. */
const farBytes = Uint8Array.of(1, 2);
const far = sha256(farBytes);
const peer = accountId(new Uint8Array(32).fill(5));

function blocksWith(
  answer: (number: number, of: Bytes) => readonly Bytes[],
  peers = [peer],
  { wrong = 0, early = 0 }: { readonly wrong?: number; readonly early?: number } = {},
) {
  const done = new Set<number>();
  const asked: number[] = [];
  const reported: string[] = [];
  const factsFor = (number: number) =>
    factsOf("", { digest: digestOf(number) as never, parent: digestOf(number - 1) as never, height: number });
  const application = {
    tip: () => ({ facts: genesis, finalization: undefined }),
    inspect: (bytes: Bytes) => {
      if (equalBytes(bytes, farBytes)) return factsOf("", { digest: far, height: limits.heightsAheadMax + 1 });
      return bytes.length === 1 ? factsFor(bytes[0] as number) : undefined;
    },
    block: () => undefined,
    async check(bytes: Bytes): Promise<CheckResult> {
      const number = bytes[0] as number;
      if (number === early) return { kind: "early", atMs: Number.MAX_SAFE_INTEGER };
      if (number === wrong) return { kind: "invalid", reason: "state-root" };
      if (number > 1 && !done.has(number - 1)) return { kind: "unavailable", missing: digestOf(number - 1) as never };
      done.add(number);
      return { kind: "valid", facts: factsFor(number) };
    },
  } as unknown as Application;
  const transport = {
    peers: () => peers,
    async *request(to: Bytes, _protocol: string, bytes: Bytes) {
      const request = bodyRequestCodec.decode(bytes);
      const number =
        [1, 2, 3, 4, 5].find((each) => request.ok && equalBytes(digestOf(each), request.value.digest)) ?? 0;
      asked.push(number);
      yield* answer(number, to);
    },
  } as unknown as Transport;
  const fail = (error: unknown): void => {
    throw error;
  };
  const faults: string[] = [];
  const waiting = new Set<number>();
  const waited = (atMs: number, run: () => void): (() => void) => {
    const cancel = systemClock.at(atMs, run);
    waiting.add(atMs);
    return () => {
      cancel();
      waiting.delete(atMs);
    };
  };
  const log = createMemoryLog();
  const blocks = new Blocks({
    application,
    applicationQueue: new SerialQueue(16, fail),
    store: createMemoryStore(),
    transport,
    clock: { ...systemClock, at: waited },
    log,
    stopped: new AbortController().signal,
    report: (digest, { kind }) =>
      reported.push(`${[1, 2, 3, 4, 5].find((each) => equalBytes(digestOf(each), digest))} ${kind}`),
    onFailure: fail,
    onPeerFault: (from, code) => faults.push(`${keyOf(from)} ${code}`),
  });
  return { blocks, asked, reported, faults, waiting, lines: log.lines };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 30));

test("a leader cannot lead us down a line of blocks: nothing is fetched for what no quorum certified", async () => {
  const { blocks, asked, reported } = blocksWith((number) => [bytesOf(number)]);
  await blocks.keep(digestOf(5) as never, bytesOf(5));
  blocks.want(digestOf(5) as never, { notarized: false, sources: [peer] });
  await settled();
  assert.equal([asked, reported], [[], []]);
});

test("the ancestors of a certified block are fetched, executed and reported, oldest first", async () => {
  const { blocks, asked, reported } = blocksWith((number) => [bytesOf(number)]);
  await blocks.keep(digestOf(3) as never, bytesOf(3));
  blocks.want(digestOf(3) as never, { notarized: true, sources: [peer] });
  await settled();
  assert.equal(asked, [2, 1]);
  assert.equal(reported, ["1 valid", "2 valid", "3 valid"]);
});

test("a block that a quorum vouches for and that is invalid here is said to be this node's fault; another's is not", async () => {
  const { blocks, reported, lines } = blocksWith(() => [], [peer], { wrong: 1 });
  await blocks.keep(digestOf(1) as never, bytesOf(1));
  blocks.want(digestOf(1) as never, { notarized: false, sources: [peer] });
  await settled();
  assert.equal([reported, lines.filter(({ level }) => level === "error")], [["1 invalid"], []]);
  blocks.want(digestOf(1) as never, { notarized: true, sources: [peer] });
  await settled();
  const [said] = lines.filter(({ level }) => level === "error");
  assert.match(said?.message ?? "", /differs from its network's/);
  assert.is(said?.fields.reason, "state-root");
});

test("a block of a far future is waited for until another of its height is final, and no longer", async () => {
  const { blocks, asked, reported, waiting } = blocksWith(() => [], [peer], { early: 1 });
  await blocks.keep(digestOf(1) as never, bytesOf(1));
  blocks.want(digestOf(1) as never, { notarized: false, sources: [peer] });
  await settled();
  assert.is(waiting.size, 1);
  assert.is(blocks.takeForCommit(0).length, 0);
  await settled();
  assert.is(waiting.size, 1);
  assert.is(blocks.takeForCommit(1).length, 1);
  await settled();
  assert.is(waiting.size, 0, "nothing waits");
  assert.is(blocks.wanted, 0, "and nothing is kept of it");
  assert.equal([asked, reported], [[], []]);
});

test("of a block that no quorum certified the body alone is taken, and none of a height that cannot be", async () => {
  const { blocks, faults } = blocksWith((number) => (number === 3 ? [bytesOf(3), bytesOf(2), bytesOf(1)] : []));
  blocks.want(digestOf(3) as never, { notarized: false, sources: [peer] });
  await settled();
  assert.equal(faults, [`${keyOf(peer)} body-wrong`]);
  assert.is(blocks.bytes(digestOf(2) as never), undefined);
  assert.is(await blocks.keep(far, farBytes), false);
  assert.is(await blocks.keep(far, farBytes, true), true, "but when a quorum vouches for it");
});

test("an answer is taken only as far as it is the line asked for", async () => {
  const { blocks, reported, faults } = blocksWith((number) =>
    number === 2 ? [bytesOf(2), bytesOf(4), bytesOf(1)] : [],
  );
  assert.is(await blocks.keep(digestOf(3) as never, bytesOf(4)), false, "other bytes than the digest's");
  await blocks.keep(digestOf(3) as never, bytesOf(3));
  blocks.want(digestOf(3) as never, { notarized: true, sources: [peer] });
  await settled();
  assert.equal(reported, []);
  assert.is(blocks.bytes(digestOf(4) as never), undefined);
  assert.ok(blocks.bytes(digestOf(2) as never));
  assert.equal(faults, [`${keyOf(peer)} body-wrong`], "and its sender is named");
});

test("L-9: a peer that let a body go is no offender; the next one is asked, and the operator told once", async () => {
  const archive = accountId(new Uint8Array(32).fill(6));
  const { blocks, reported, faults, lines } = blocksWith(
    (number, of) => [equalBytes(of, archive) ? bytesOf(number) : encodePruned(4)],
    [peer, archive],
  );
  await blocks.keep(digestOf(3) as never, bytesOf(3));
  blocks.want(digestOf(3) as never, { notarized: true, sources: [peer] });
  await settled();
  assert.equal(reported, ["1 valid", "2 valid", "3 valid"]);
  assert.equal(faults, []);
  const said = lines.filter(({ level }) => level === "warn");
  assert.equal(
    said.map(({ fields }) => fields),
    [{ neededFrom: 1, keptFrom: 4 }],
  );
});

test("a body that is not here is said to be let go only to who needs what is below what is kept", async () => {
  const kept = 40;
  const application = { bodiesFrom: () => kept, inspect: () => undefined } as unknown as Application;
  const options = { application, blocks: { bytes: () => undefined } } as unknown as Parameters<typeof serveBodies>[0];
  const answered = async (knownHeight: number): Promise<readonly (number | undefined)[]> => {
    const request = bodyRequestCodec.encode({ digest: digestOf(1) as never, knownHeight, countMax: 8 });
    const answers: (number | undefined)[] = [];
    for await (const bytes of serveBodies(options, request, peer)) answers.push(prunedBelow(bytes));
    return answers;
  };
  assert.equal(await answered(kept - 2), [kept]);
  assert.equal(await answered(kept - 1), []);
});

test.run();
