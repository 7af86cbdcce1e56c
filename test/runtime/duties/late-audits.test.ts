// Audits that end late, provers that cannot be reached for a while and transactions that are refused: what is revealed is what was
// committed to, and what can be tried again is.
import { setImmediate } from "node:timers/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { sha256 } from "../../../src/crypto/index.ts";
import { reportCommitment } from "../../../src/ledger/index.ts";
import { createNativeSigner, createVerifier, systemClock } from "../../../src/native/index.ts";
import type { Signer, Transport } from "../../../src/ports/index.ts";
import {
  type AccountId,
  assetId,
  equalBytes,
  FairmeshError,
  utf8ToBytes,
  zeroDigest,
} from "../../../src/primitives/index.ts";
import { Duties, type DutyView, type ReportStage } from "../../../src/runtime/duties/index.ts";
import { reportSalt } from "../../../src/runtime/duties/report.ts";
import { assetTermsCodec, parametersOf, type TransactionBody } from "../../../src/schema/index.ts";
import type { Finding } from "../../../src/services/index.ts";
import { createMemoryStore } from "../../support/memory-store.ts";
import { quietLog, quietMetrics } from "../../support/quiet-ports.ts";
import { testNetworkId } from "../../support/test-network.ts";

const parameters = parametersOf("devnet");
const { epochBlocks, windowBlocks } = parameters;
/** Signs at once, so that a turn of the event loop ends what a block began. */
const signer: Signer = {
  ...createNativeSigner(sha256(utf8ToBytes("auditor"))),
  sign: async () => new Uint8Array(3309),
};
const secret = sha256(utf8ToBytes("secret"));
const id = assetId(sha256(utf8ToBytes("asset")));
const audited = 4;
const windowHeight = (audited + 1) * epochBlocks - windowBlocks;

type Body<K extends TransactionBody["kind"]> = Extract<TransactionBody, { kind: K }>["value"];

/** A ledger whose window opens at the end of an epoch, and a prover that a test speaks for. */
function stage(more: { readonly exchangeMs?: number; readonly request?: Transport["request"] } = {}) {
  const sent: TransactionBody[] = [];
  let height = windowHeight;
  let reportStage: ReportStage = "none";
  let submit: (body: TransactionBody) => Promise<void> = async () => {};
  let answer: () => Promise<Finding> = () => Promise.reject(new FairmeshError("PEER_UNREACHABLE", "no line"));
  let asked = 0;
  const view = {
    networkId: testNetworkId,
    parameters,
    head: () => ({
      height,
      epoch: Math.floor((height - 1) / epochBlocks),
      offset: (height - 1) % epochBlocks,
    }),
    isDrawn: () => true,
    assignments: () => [id],
    asset: () => ({
      ...{ id, kind: "storage", terms: assetTermsCodec.empty(), cell: 0n, activeFromEpoch: 0 },
      owner: sha256(utf8ToBytes("owner")) as Uint8Array as AccountId,
    }),
    windows: (epoch: number) =>
      epoch === audited ? [{ kind: 0, window: 0, height: windowHeight, reveal: zeroDigest }] : [],
    secret: () => secret,
    reportStage: (epoch: number) => (epoch === audited ? reportStage : "revealed"),
    owedTranscripts: () => [],
    publicKey: () => undefined,
    submit: async (body: TransactionBody) => {
      sent.push(body);
      await submit(body);
    },
  } as unknown as DutyView;
  const duties = new Duties({
    ...{ view, signer, verifier: createVerifier(), store: createMemoryStore(), clock: systemClock },
    ...{ log: quietLog, metrics: quietMetrics },
    transport: { request: more.request ?? async function* () {} } as never,
    service: () =>
      ({
        kind: "storage",
        ...(more.exchangeMs === undefined ? {} : { exchangeMs: more.exchangeMs }),
        check: async (_: unknown, chunks: AsyncIterable<Uint8Array>) => {
          asked++;
          if (more.request !== undefined) for await (const _ of chunks);
          return answer();
        },
      }) as never,
  });
  const turn = async () => {
    for (let i = 0; i < 5; i++) await setImmediate();
  };
  return {
    sent,
    asked: () => asked,
    answers: (next: typeof answer) => {
      answer = next;
    },
    submits: (next: typeof submit) => {
      submit = next;
    },
    reaches: (next: ReportStage) => {
      reportStage = next;
    },
    /** The block at an offset of the epoch after. */
    async at(offset: number): Promise<void> {
      height = (audited + 1) * epochBlocks + 1 + offset;
      await duties.onBlock();
      await turn();
    },
    async window(block: number): Promise<void> {
      height = windowHeight + block;
      await duties.onBlock();
      await turn();
    },
    turn,
    of: <K extends TransactionBody["kind"]>(kind: K) =>
      sent.filter((body) => body.kind === kind).map((body) => body.value as Body<K>),
  };
}

const failed = (fault: string): Finding => ({
  ...{ passed: false, measured: 0n, latencyMs: 1, answerRoot: zeroDigest, answer: new Uint8Array() },
  fault,
});
const rightly = (commit: Body<"reportCommit">, reveal: Body<"reportReveal">): boolean =>
  equalBytes(commit.commitment, reportCommitment(reveal.partRoots, reportSalt(secret, audited)));

test("an exchange is broken off after its kind's time, not after that of the slowest kind", async () => {
  const { promise: brokenOff, resolve } = Promise.withResolvers<number>();
  const beganMs = performance.now();
  const { window, asked } = stage({
    exchangeMs: 30,
    // A prover that opens its mouth and says nothing.
    async *request(_to, _protocol, _bytes, signal) {
      await new Promise((end) => signal.addEventListener("abort", end, { once: true }));
      resolve(performance.now() - beganMs);
      yield* [];
      throw signal.reason;
    },
  });
  await window(0);
  assert.is(asked(), 1);
  assert.ok((await brokenOff) < 20_000);
});

test("a prover that ends its answer after the report is committed to changes nothing of it", async () => {
  const { answers, window, at, of, reaches, turn } = stage();
  const { promise, resolve } = Promise.withResolvers<Finding>();
  answers(() => promise);
  await window(0);
  await at(0);
  assert.is(of("reportCommit").length, 0, "there is time to wait");
  await at(3);
  const [commit] = of("reportCommit");
  assert.ok(commit);
  resolve(failed("too slow"));
  await turn();
  reaches("committed");
  await at(epochBlocks / 3);
  const [reveal] = of("reportReveal");
  assert.ok(reveal && rightly(commit, reveal));
  assert.is(reveal.entries.length, 0);
});

test("an audit that ends while there is time is in the report", async () => {
  const { answers, window, at, of, reaches, turn } = stage();
  const { promise, resolve } = Promise.withResolvers<Finding>();
  answers(() => promise);
  await window(0);
  await at(0);
  resolve(failed("wrong"));
  await turn();
  await at(1);
  reaches("committed");
  await at(epochBlocks / 3);
  const [commit, reveal] = [of("reportCommit")[0], of("reportReveal")[0]];
  assert.ok(commit && reveal && rightly(commit, reveal));
  assert.equal(
    reveal.entries.map(({ attempted, passed }) => [attempted, passed]),
    [[1, 0]],
  );
});

test("a prover that cannot be reached is asked again while the window is open, and then has failed", async () => {
  const { window, at, asked, of, reaches } = stage();
  for (let block = 0; block < windowBlocks; block++) await window(block);
  assert.is(asked(), windowBlocks, "at each block");
  await at(0);
  await at(3);
  reaches("committed");
  await at(epochBlocks / 3);
  assert.is(of("reportReveal")[0]?.entries.length, 0, "its window closed before it was asked for the last time");
  const other = stage();
  for (let block = 0; block <= windowBlocks; block++) await other.window(block);
  await other.at(0);
  other.reaches("committed");
  await other.at(epochBlocks / 3);
  assert.equal(
    other.of("reportReveal")[0]?.entries.map(({ attempted }) => attempted),
    [1],
  );
});

test("a commitment that is refused is sent again a few blocks later", async () => {
  const { at, submits, of } = stage();
  submits(() => Promise.reject(new FairmeshError("TRANSACTION_REJECTED", "too many wait")));
  for (let offset = 0; offset < 4; offset++) await at(offset);
  assert.is(of("reportCommit").length, 1);
  submits(async () => {});
  for (let offset = 4; offset < 8; offset++) await at(offset);
  assert.is(of("reportCommit").length, 2);
});

test.run();
