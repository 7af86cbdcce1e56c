// The transcript behind a reported pass (P-3): served by its auditor once the report is revealed, believed when it leads to the
// entry on the ledger and both signatures hold; an auditor that gives another is reported.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { cheapVerifier } from "../../../simulation/environment/cheap-signer.ts";
import { systemClock } from "../../../src/native/index.ts";
import { type AccountId, accountId, type FairmeshError } from "../../../src/primitives/index.ts";
import { Findings } from "../../../src/runtime/duties/findings.ts";
import { Duties } from "../../../src/runtime/duties/index.ts";
import { transcriptFor } from "../../../src/runtime/duties/report.ts";
import { fetchTranscript, serveFetches } from "../../../src/runtime/fetch/index.ts";
import { networkView } from "../../../src/runtime/whole/index.ts";
import { type Transcript, type TranscriptRequest, transcriptCodec } from "../../../src/schema/index.ts";
import { honestFindings } from "../../support/honest-findings.ts";
import { createMemoryStore } from "../../support/memory-store.ts";
import { MemoryNetwork } from "../../support/memory-transport.ts";
import { quietLog, quietMetrics } from "../../support/quiet-ports.ts";
import { TestChain, type TestOperator } from "../../support/test-chain.ts";

const never = new AbortController().signal;
const epoch = 2;

/** A chain on which every report on epoch 2 is revealed and none is settled. */
async function revealed() {
  const chain = await TestChain.create();
  for (const operator of chain.operators) await chain.registerAsset(operator);
  await chain.runTo(epoch);
  for (let block = 0; block < (chain.parameters.epochBlocks * 2) / 3; block++) {
    await chain.duties((entry) => entry);
    await chain.block();
  }
  const { queries } = chain.app;
  const auditor = chain.operators[0] as TestOperator;
  const assetId = queries
    .assignedTo(epoch, auditor.account)
    .find((id) => (queries.reportEntry(epoch, auditor.account, id)?.passed ?? 0) > 0);
  if (assetId === undefined) throw new Error("an honest auditor passed something");
  const findings = await honestFindings(chain, auditor, epoch);
  const kept = transcriptFor(findings, assetId, 0) as Transcript;
  const request: TranscriptRequest = { epoch, assetId, auditor: auditor.account, position: 0 };
  return { chain, auditor, findings, kept, request };
}

const world = await revealed();

async function ask(answer: Transcript | undefined, request = world.request) {
  const network = new MemoryNetwork();
  const lies: string[] = [];
  const { app } = world.chain;
  serveFetches(network.join(request.auditor), {
    transcript: async () => (answer === undefined ? undefined : transcriptCodec.encode(answer)),
  });
  const parts = {
    transport: network.join(accountId(new Uint8Array(32).fill(99))),
    onLie: (_: AccountId, detail: string) => void lies.push(detail),
    facts: app.queries,
    view: networkView(app, { nowMs: () => 0 }),
    verifier: cheapVerifier,
  };
  const outcome = await fetchTranscript(parts, request, never).catch((error: FairmeshError) => error.code);
  return { outcome, lies };
}

test("the auditor's transcript is what its entry counts", async () => {
  const { outcome, lies } = await ask(world.kept);
  assert.equal(outcome, world.kept);
  assert.equal(lies, []);
  assert.equal(await ask(undefined), { outcome: undefined, lies: [] });
});

test("a transcript that does not lead to the entry, or is not signed by both, is a lie", async () => {
  const { kept } = world;
  const zero = new Uint8Array(3309);
  const wrong: readonly Transcript[] = [
    { ...kept, position: 1 },
    { ...kept, challengeSignature: zero },
    { ...kept, responseSignature: zero },
    { ...kept, siblings: kept.siblings.slice(1) },
    { ...kept, response: { ...kept.response, answerRoot: kept.response.challengeRoot } },
    { ...kept, challenge: { ...kept.challenge, epoch: epoch - 1 } },
    { ...kept, challenge: { ...kept.challenge, window: 200 } },
  ];
  for (const transcript of wrong) {
    const { outcome, lies } = await ask(transcript);
    assert.is(outcome, "ANSWER_FALSE");
    assert.is(lies.length, 1);
  }
});

test("what the ledger has no such pass of is not asked for", async () => {
  for (const request of [
    { ...world.request, epoch: epoch + 1 },
    { ...world.request, position: 500 },
    { ...world.request, auditor: accountId(new Uint8Array(32).fill(7)) },
  ])
    assert.equal(await ask(world.kept, request), { outcome: "REPORT_UNKNOWN", lies: [] });
});

test("an auditor gives its own transcripts, and none before its report is revealed", async () => {
  const { auditor, request, kept, findings } = world;
  let stage: "committed" | "revealed" = "committed";
  const store = createMemoryStore();
  const duties = new Duties({
    store,
    signer: auditor.signer,
    clock: systemClock,
    log: quietLog,
    metrics: quietMetrics,
    view: { reportStage: () => stage },
  } as unknown as ConstructorParameters<typeof Duties>[0]);
  for (const finding of findings) await new Findings(store).add(finding);
  assert.is(await duties.transcript(request), undefined, "others could copy it");
  stage = "revealed";
  assert.equal(await duties.transcript(request), kept);
  assert.is(await duties.transcript({ ...request, auditor: accountId(new Uint8Array(32)) }), undefined);
});

test.run();
