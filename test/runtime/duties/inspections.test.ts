// Looks behind audits that passed: drawn by what no prover knows, once an asset and epoch, as many at once as there are threads, the
// youngest assets first, nothing late; and what a lie that they find does to an asset's audits.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { sha256 } from "../../../src/crypto/index.ts";
import { createVerifier, systemClock } from "../../../src/native/index.ts";
import type { Transport } from "../../../src/ports/index.ts";
import { type AssetId, assetId, assetKinds, bigEndian, digest, utf8ToBytes } from "../../../src/primitives/index.ts";
import type { AuditRecord } from "../../../src/runtime/duties/audit-exchange.ts";
import { Findings } from "../../../src/runtime/duties/findings.ts";
import { Duties, type DutyAsset, type DutyView, serveAudits } from "../../../src/runtime/duties/index.ts";
import { Inspections } from "../../../src/runtime/duties/inspections.ts";
import { type ChallengeWindow, challengeCodec, parametersOf } from "../../../src/schema/index.ts";
import type { Inspection, Service } from "../../../src/services/index.ts";
import { createMemoryStore } from "../../support/memory-store.ts";
import { createMemoryLog, createMemoryMetrics } from "../../support/memory-telemetry.ts";
import { shownAsset, shownEpoch, shownView } from "../../support/shown-storage.ts";
import { eventually, signerOf } from "../../support/test-network.ts";

const settled = (): Promise<void> => new Promise((wake) => setImmediate(wake));

const idOf = (index: number): AssetId => assetId(sha256(bigEndian(index)));
const assetOf = (index: number, activeFromEpoch = 0): DutyAsset => ({
  ...shownAsset(1n),
  id: idOf(index),
  activeFromEpoch,
});
const recordOf = (asset: DutyAsset, epoch = 9): AuditRecord =>
  ({
    challenge: { ...challengeCodec.empty(), epoch, assetId: asset.id },
    finding: { passed: true, answer: new Uint8Array() },
  }) as unknown as AuditRecord;

function bench(atOnce: number) {
  let epoch = 9;
  let secret = digest(sha256(utf8ToBytes("secret")));
  const begun: { readonly inspection: Inspection; end(fault?: string): Promise<void> }[] = [];
  const faults: string[] = [];
  const metrics = createMemoryMetrics();
  const service = {
    kind: "storage",
    inspectionsAtOnce: atOnce,
    inspects: () => true,
    inspect: (inspection: Inspection) =>
      new Promise<string | undefined>((end) => {
        begun.push({
          inspection,
          async end(fault) {
            end(fault);
            await settled();
          },
        });
      }),
  } as unknown as Service;
  const inspections = new Inspections({
    view: { head: () => ({ height: 1, epoch, offset: 0 }), secret: () => secret },
    ...{ log: createMemoryLog(), metrics },
    service: () => service,
    onFault: async (_record, _asset, fault) => void faults.push(fault),
  });
  return {
    ...{ inspections, begun, faults },
    count: (outcome: string) => metrics.value("fairmesh_inspections_total", { kind: "storage", outcome }) ?? 0,
    at: (now: number) => {
      epoch = now;
    },
    ofSecret: (text: string) => {
      secret = digest(sha256(utf8ToBytes(text)));
    },
  };
}

test("an asset's first pass of an epoch is looked into, its others are not; the draw is of the secret and the asset", async () => {
  const { inspections, begun, ofSecret } = bench(8);
  const asset = assetOf(1);
  inspections.consider(recordOf(asset), asset);
  inspections.consider(recordOf(asset), asset);
  assert.is(begun.length, 1);
  inspections.consider(recordOf(assetOf(2)), assetOf(2));
  ofSecret("another");
  inspections.consider(recordOf(asset, 10), asset);
  assert.is(begun.length, 3);
  const draws = new Set(begun.map(({ inspection }) => String(inspection.draw)));
  assert.is(draws.size, 3);
  inspections.stop();
});

test("so many at once as there are threads; of those that wait, the youngest assets first", async () => {
  const { inspections, begun, count } = bench(2);
  for (const [index, from] of [0, 0, 3, 7, 5].entries()) {
    const asset = assetOf(index, from);
    inspections.consider(recordOf(asset), asset);
  }
  assert.is(begun.length, 2);
  for (let at = 0; at < 5; at++) await begun[at]?.end();
  assert.equal(
    begun.map(({ inspection }) => inspection.activeFromEpoch),
    [0, 0, 7, 5, 3],
  );
  assert.is(count("passed"), 5);
});

test("what no thread was free for until the end of the next epoch is skipped and counted; nothing is late before that", async () => {
  const { inspections, begun, count, at } = bench(1);
  for (let index = 0; index < 4; index++) inspections.consider(recordOf(assetOf(index)), assetOf(index));
  assert.ok(inspections.isLooking(9));
  at(10);
  await begun[0]?.end();
  assert.is(begun.length, 2);
  at(11);
  await begun[1]?.end();
  assert.equal([begun.length, count("passed"), count("skipped")], [2, 2, 2]);
  assert.not(inspections.isLooking(9));
});

test("what is found has to be found twice", async () => {
  const { inspections, begun, faults, count } = bench(1);
  inspections.consider(recordOf(assetOf(1)), assetOf(1));
  await begun[0]?.end("sector 0 is not what sealing makes");
  await begun[1]?.end(undefined);
  assert.equal([faults, count("passed")], [[], 1], "an auditor's memory may err");
  inspections.consider(recordOf(assetOf(2)), assetOf(2));
  await begun[2]?.end("a lie");
  await begun[3]?.end("a lie");
  assert.equal([faults, count("failed")], [["a lie"], 1]);
});

test("a commitment that is a lie: the epoch's passes become failures, no later audit passes, and a new commitment may again", async () => {
  const [prover, auditor] = [signerOf(0), signerOf(1)];
  let asset: DutyAsset = {
    ...shownAsset(5n),
    terms: { ...shownAsset(5n).terms, dataCommitment: sha256(utf8ToBytes("lie")) },
  };
  const windows: ChallengeWindow[] = [];
  const shown = shownView(asset);
  let epoch = shownEpoch;
  const view: DutyView = {
    ...shown,
    parameters: parametersOf("mainnet"),
    head: () => ({ height: 100, epoch, offset: 0 }),
    asset: () => asset,
    assignments: () => [asset.id],
    windows: () => windows,
    secret: () => digest(sha256(utf8ToBytes("secret"))),
    submit: async ({ kind }) => void submitted.push(`${kind} in epoch ${epoch}`),
  };
  let inspect = true;
  const submitted: string[] = [];
  let look: () => Promise<string> = async () => "not what sealing makes";
  const service: Service = {
    kind: "storage",
    prepare: async () => ({ dataCommitment: asset.terms.dataCommitment as never }),
    async *answer() {
      yield new Uint8Array([1]);
    },
    answerRoot: (_, answer) => sha256(answer),
    async check(_, answer) {
      for await (const bytes of answer)
        return { passed: true, measured: 5n, latencyMs: 1, answerRoot: sha256(bytes), answer: new Uint8Array(bytes) };
      throw new Error("no answer");
    },
    inspects: () => inspect,
    inspect: () => look(),
  };
  let serve: Parameters<Transport["onRequest"]>[1] = () => {
    throw new Error("nobody serves");
  };
  const transport = {
    onRequest: (_protocol: string, handle: typeof serve) => {
      serve = handle;
    },
    request: (_to: unknown, _protocol: string, bytes: Uint8Array, signal: AbortSignal) =>
      serve(bytes, auditor.accountId, signal),
  } as unknown as Transport;
  const common = { view, transport, verifier: createVerifier(), service: () => service };
  const store = createMemoryStore();
  const telemetry = { log: createMemoryLog(), metrics: createMemoryMetrics() };
  const duties = new Duties({ ...common, ...telemetry, signer: auditor, store, clock: systemClock });
  serveAudits({ ...common, signer: prover });
  const findings = new Findings(store);
  const passes = async (): Promise<readonly boolean[]> => (await findings.ofEpoch(epoch)).map(({ passed }) => passed);
  const audit = async (window: number): Promise<void> => {
    const reveal = sha256(utf8ToBytes(`reveal ${epoch} ${window}`));
    windows.push({ kind: assetKinds.indexOf("storage"), window, height: 100, reveal } as unknown as ChallengeWindow);
    await duties.onBlock();
    await eventually("it is audited", () => findings.has(epoch, asset.id, window));
    await new Promise((wake) => setTimeout(wake, 50));
  };
  inspect = false;
  await audit(0);
  assert.equal(await passes(), [true]);
  inspect = true;
  epoch += 1;
  windows.length = 0;
  await audit(0);
  assert.equal(await passes(), [false], "the pass that was looked into");
  await audit(1);
  assert.equal(await passes(), [false, false], "and the next, without another look");
  epoch += 1;
  windows.length = 0;
  const again = new Duties({ ...common, ...telemetry, signer: auditor, store, clock: systemClock });
  inspect = false;
  const reveal = sha256(utf8ToBytes("later"));
  windows.push({ kind: assetKinds.indexOf("storage"), window: 0, height: 100, reveal } as unknown as ChallengeWindow);
  await again.onBlock();
  await eventually("it is audited", () => findings.has(epoch, asset.id, 0));
  assert.equal(await passes(), [false], "after a restart, too");
  assert.match(findings.condemned(asset.id, asset.terms.dataCommitment) ?? "", /not what sealing makes/);
  asset = { ...asset, terms: { ...asset.terms, dataCommitment: sha256(utf8ToBytes("truth")) } };
  await audit(1);
  assert.equal(await passes(), [false, true]);

  // A look that goes on into the next epoch is waited for, and what it finds is in the report of its own.
  epoch += 1;
  windows.length = 0;
  inspect = true;
  const { promise, resolve } = Promise.withResolvers<string>();
  look = () => promise;
  await audit(0);
  assert.equal(await passes(), [true]);
  epoch += 1;
  submitted.length = 0;
  windows.length = 0;
  await duties.onBlock();
  assert.equal(submitted, []);
  resolve("not what sealing makes, either");
  await eventually("it is told", () => findings.condemned(asset.id, asset.terms.dataCommitment) !== undefined);
  await new Promise((wake) => setTimeout(wake, 50));
  assert.equal(
    (await findings.ofEpoch(epoch - 1)).map(({ passed }) => passed),
    [false],
  );
  await duties.onBlock();
  assert.equal(submitted, [`reportCommit in epoch ${epoch}`]);
});

test.run();
