// Audits between two nodes on real streams and real files, with every way in which a prover, its disk or its line can be wrong:
// each ends as a failed finding that says why, or as less measured, and the next audit after a mend passes.

import { existsSync } from "node:fs";
import { mkdir, mkdtemp, open, rename, rm, rmdir, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { sha256 } from "../../../src/crypto/index.ts";
import { createVerifier, createWorkerCompute, systemClock } from "../../../src/native/index.ts";
import type { Clock, Transport, Volume } from "../../../src/ports/index.ts";
import {
  type AssetId,
  type AssetKind,
  assetId,
  assetKinds,
  type Bytes,
  type Digest,
  digest,
  equalBytes,
  FairmeshError,
  keyOf,
  utf8ToBytes,
  zeroDigest,
} from "../../../src/primitives/index.ts";
import { serveAudits } from "../../../src/runtime/duties/audit-exchange.ts";
import { askProver, type DutyAsset, type DutyView, type ExchangeParts } from "../../../src/runtime/duties/index.ts";
import { assetTermsCodec, type Challenge, challengeCodec, parametersOf } from "../../../src/schema/index.ts";
import { createBandwidthService, createStorageService, type Service } from "../../../src/services/index.ts";
import { createFileVolume } from "../../../src/storage/index.ts";
import { type Mesh, startMesh, testNetworkId } from "../../support/test-network.ts";

const folder = await mkdtemp(join(tmpdir(), "fairmesh-audits-"));
const sectorBytes = 256 << 10;
const never = new AbortController().signal;
const disk = createFileVolume(folder);
const compute = createWorkerCompute();
const storageOn = (volume: Volume, clock: Clock = systemClock): Service =>
  createStorageService({ volume, compute, sectorBytes, clock });
const bandwidth = createBandwidthService({ clock: systemClock, chunks: 8 });

let mesh: Mesh;
/** What the prover serves with now: a test changes it. */
let serving: Service = storageOn(disk);
/** What becomes of the prover's chunks on their way. */
let onTheWay: (chunks: AsyncIterable<Bytes>) => AsyncIterable<Bytes> = (chunks) => chunks;
let drawn = true;
/** Before it, the prover had another key than the one that it signs with. */
let proverKeyFromEpoch = 0;
const assets = new Map<string, DutyAsset>();

const node = (index: number) => mesh.nodes[index] as Mesh["nodes"][number];
const idOf = (name: string): AssetId => assetId(sha256(utf8ToBytes(name)));

function addAsset(
  name: string,
  kind: AssetKind,
  terms: { readonly units: bigint; readonly dataCommitment?: Digest },
): AssetId {
  const id = idOf(name);
  const all = { ...assetTermsCodec.empty(), kind: assetKinds.indexOf(kind), dataCommitment: zeroDigest, ...terms };
  assets.set(keyOf(id), {
    id,
    owner: node(0).signer.accountId,
    kind,
    terms: all,
    cell: 0n as never,
    activeFromEpoch: 0,
  });
  return id;
}

function partsOf(index: number, service: () => Service): ExchangeParts {
  const view = {
    networkId: testNetworkId,
    parameters: { ...parametersOf("devnet"), windowsPerEpoch },
    head: () => ({ height: 100, epoch: 4, offset: 3 }),
    isAssigned: () => drawn,
    asset: (id: AssetId) => assets.get(keyOf(id)),
    publicKey: (account: Bytes, epoch: number) =>
      epoch < proverKeyFromEpoch && equalBytes(account, node(0).signer.accountId)
        ? undefined
        : mesh.nodes.find(({ signer }) => equalBytes(signer.accountId, account))?.signer.publicKey,
  } as unknown as DutyView;
  const { network, signer } = node(index);
  const transport: Transport = {
    ...network.transport,
    request: (...asked) => onTheWay(network.transport.request(...asked)),
  };
  return { view, transport, signer, verifier: createVerifier(), service: () => service() };
}

let nonces = 0;
/** Windows enough for every challenge of a test to be answered. */
const windowsPerEpoch = 8;
const challengeOf = (id: AssetId): Challenge => ({
  ...challengeCodec.empty(),
  epoch: 4,
  kind: assets.get(keyOf(id))?.terms.kind ?? 0,
  window: nonces % windowsPerEpoch,
  assetId: id,
  auditor: node(1).signer.accountId,
  nonce: digest(sha256(utf8ToBytes(`nonce ${nonces++}`))),
});

async function audit(id: AssetId, auditing: Service = storageOn(disk), challenge = challengeOf(id)) {
  const asset = assets.get(keyOf(id)) as DutyAsset;
  return askProver(
    partsOf(1, () => auditing),
    challenge,
    asset,
    AbortSignal.timeout(20_000),
  );
}
const faultOf = async (...asked: Parameters<typeof audit>): Promise<string> => {
  const { finding, response } = await audit(...asked);
  assert.is(finding.passed, response !== undefined);
  return finding.passed ? "passed" : (finding.fault ?? "");
};

async function sealed(name: string, volume: Volume = disk): Promise<AssetId> {
  const { dataCommitment } = await storageOn(volume).prepare({ id: idOf(name), units: 2n }, never, () => {});
  return addAsset(name, "storage", { units: 2n, dataCommitment });
}

test.before(async () => {
  mesh = await startMesh(2);
  serveAudits(partsOf(0, () => serving));
});
test.before.each(() => {
  serving = storageOn(disk);
  onTheWay = (chunks) => chunks;
  drawn = true;
});
test.after(async () => {
  await mesh.stop();
  await rm(folder, { recursive: true });
});

test("a lost sector and a flipped byte fail with their reason; sealing again mends both", async () => {
  const id = await sealed("mended");
  assert.is(await faultOf(id), "passed");
  await disk.remove(`${keyOf(id)}/0.sector`);
  await disk.remove(`${keyOf(id)}/1.sector`);
  assert.match(await faultOf(id), /SECTOR_LOST/);
  await sealed("mended");
  const files = await Promise.all([0, 1].map((sector) => open(join(folder, keyOf(id), `${sector}.sector`), "r+")));
  for (const file of files) {
    for (let leaf = 0; leaf < 64; leaf++) await file.write(new Uint8Array([255, 0, 255]), 0, 3, leaf * 4096 + 9);
    await file.close();
  }
  assert.match(await faultOf(id), /leaf \d+ of sector [01] is wrong/);
  await sealed("mended");
  assert.is(await faultOf(id), "passed");
});

test("a path that vanishes fails, and passes when it is back", async () => {
  const id = await sealed("moved");
  await rename(join(folder, keyOf(id)), join(folder, "elsewhere"));
  assert.match(await faultOf(id), /SECTOR_LOST/);
  await rename(join(folder, "elsewhere"), join(folder, keyOf(id)));
  assert.is(await faultOf(id), "passed");
});

test("a disk that returns errors fails the audit by its name, and harms nothing", async () => {
  const id = await sealed("broken");
  serving = storageOn({
    ...disk,
    read: () => Promise.reject(new FairmeshError("VOLUME_FAILED", "an input or output error")),
  });
  assert.match(await faultOf(id), /VOLUME_FAILED/);
  serving = storageOn(disk);
  assert.is(await faultOf(id), "passed");
  // The system itself returns an error for each read of a folder.
  const path = join(folder, keyOf(id));
  for (const sector of [0, 1]) {
    await rename(join(path, `${sector}.sector`), join(path, `${sector}.whole`));
    await mkdir(join(path, `${sector}.sector`));
  }
  assert.match(await faultOf(id), /VOLUME_FAILED/);
  for (const sector of [0, 1]) {
    await rmdir(join(path, `${sector}.sector`));
    await rename(join(path, `${sector}.whole`), join(path, `${sector}.sector`));
  }
  assert.is(await faultOf(id), "passed");
});

(existsSync("/dev/full") ? test : test.skip)(
  "a disk that the system says is full while a sector is written",
  async () => {
    const id = idOf("really full");
    const prepare = () => storageOn(disk).prepare({ id, units: 2n }, never, () => {});
    const path = join(folder, keyOf(id));
    await mkdir(path);
    await symlink("/dev/full", join(path, "1.sector"));
    try {
      await prepare();
      assert.unreachable();
    } catch (error) {
      assert.is((error as FairmeshError).code, "VOLUME_FULL");
    }
    assert.is(await disk.size(`${keyOf(id)}/0.sector`), sectorBytes);
    assert.is(await disk.size(`${keyOf(id)}/1.tree`), undefined, "no tree says that the sector is there");
    await disk.remove(`${keyOf(id)}/1.sector`);
    const { dataCommitment } = await prepare();
    assert.is(await faultOf(addAsset("really full", "storage", { units: 2n, dataCommitment })), "passed");
  },
);

test("a full disk stops sealing before it begins, or in the middle; what was sealed is kept", async () => {
  const id = idOf("full");
  const prepare = (volume: Volume) =>
    storageOn(volume)
      .prepare({ id, units: 3n }, never, () => {})
      .catch((error: unknown) => (error as FairmeshError).code);
  assert.is(await prepare({ ...disk, freeBytes: async () => sectorBytes }), "VOLUME_FULL");
  assert.equal(await disk.list(keyOf(id)), []);
  let left = sectorBytes * 2;
  const filling: Volume = {
    ...disk,
    write: (file, at, bytes) => {
      left -= bytes.length;
      if (left < 0) return Promise.reject(new FairmeshError("VOLUME_FULL", "no space left"));
      return disk.write(file, at, bytes);
    },
  };
  assert.is(await prepare(filling), "VOLUME_FULL");
  let made = 0;
  const counting = createStorageService({
    ...{ volume: disk, sectorBytes, clock: systemClock },
    compute: { run: (...task) => compute.run(...task).finally(() => made++) },
  });
  const { dataCommitment } = await counting.prepare({ id, units: 3n }, never, () => {});
  assert.is(made, 2, "the sector that was whole is not made again");
  assert.is(await faultOf(addAsset("full", "storage", { units: 3n, dataCommitment })), "passed");
});

test("an answer that is late, for another asset, replayed, or signed by nobody fails", async () => {
  const id = await sealed("late");
  const other = await sealed("other");
  // The auditor's clock runs a thousand times faster: 20 ms are 20 s.
  const fast: Clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() * 1000 };
  onTheWay = async function* (chunks) {
    await new Promise((wake) => setTimeout(wake, 20));
    yield* chunks;
  };
  assert.is(await faultOf(id, storageOn(disk, fast)), "too late");
  onTheWay = (chunks) => chunks;
  const asOther: Service = {
    ...storageOn(disk),
    answer: (question, signal) =>
      storageOn(disk).answer({ ...question, asset: assets.get(keyOf(other)) as DutyAsset }, signal),
  };
  serving = asOther;
  assert.match(await faultOf(id), /is wrong/);
  const first = challengeOf(id);
  serving = {
    ...storageOn(disk),
    answer: (question, signal) => storageOn(disk).answer({ ...question, challenge: first }, signal),
  };
  assert.is(await faultOf(id, undefined, first), "passed");
  assert.match(await faultOf(id), /is wrong/);
  serving = storageOn(disk);
  onTheWay = async function* (chunks) {
    let answered = false;
    for await (const chunk of chunks) {
      yield answered ? chunk.with(200, (chunk[200] as number) ^ 1) : chunk;
      answered ||= chunk.length === 0;
    }
  };
  assert.is(await faultOf(id), "the answer is not signed by its prover");
});

test("a response counts by its prover's key of the challenge's epoch: the ledger checks a transcript with no other", async () => {
  const id = await sealed("rotated");
  proverKeyFromEpoch = 5;
  assert.is(await faultOf(id), "the answer is not signed by its prover");
  proverKeyFromEpoch = 4;
  assert.is(await faultOf(id), "passed");
});

test("a stream slower than registered measures less; one that stops or lies in the middle fails", async () => {
  const id = addAsset("line", "bandwidth", { units: 1_000_000n });
  serving = bandwidth;
  const full = await audit(id, bandwidth);
  assert.ok(full.finding.passed, full.finding.fault);
  serving = {
    ...bandwidth,
    async *answer(question, signal) {
      for await (const chunk of bandwidth.answer(question, signal)) {
        await new Promise((wake) => setTimeout(wake, 25));
        yield chunk;
      }
    },
  };
  const slow = await audit(id, bandwidth);
  assert.ok(slow.finding.passed && slow.finding.measured <= 90n, `${slow.finding.fault} ${slow.finding.measured}`);
  serving = {
    ...bandwidth,
    async *answer(question, signal) {
      let sent = 0;
      for await (const chunk of bandwidth.answer(question, signal)) {
        if (sent++ === 3) throw new Error("the prover's machine stops");
        yield chunk;
      }
    },
  };
  assert.match(await faultOf(id, bandwidth), /PEER_FAILED/);
  const short = createBandwidthService({ clock: systemClock, chunks: 5 });
  serving = short;
  assert.is(await faultOf(id, bandwidth), "ended after 5 of 8 chunks");
});

test("a third kind needs nothing but a Service: it is served, audited and caught out like the others", async () => {
  const work = (nonce: Bytes, times: number): Digest => {
    let done = digest(nonce);
    for (let i = 0; i < times; i++) done = sha256(done);
    return done;
  };
  const toy = (times: number): Service => ({
    kind: "compute",
    prepare: async () => ({ dataCommitment: zeroDigest }),
    async *answer({ challenge }) {
      yield work(challenge.nonce, times);
    },
    answerRoot: (_, answer) => sha256(answer),
    async check({ challenge }, answer) {
      let bytes: Bytes = new Uint8Array();
      for await (const chunk of answer) bytes = chunk;
      const passed = equalBytes(bytes, work(challenge.nonce, 1000));
      const fault = passed ? {} : { fault: "not the work that was asked for" };
      return {
        passed,
        measured: passed ? 1000n : 0n,
        latencyMs: 1,
        answerRoot: sha256(bytes),
        answer: bytes,
        ...fault,
      };
    },
  });
  const id = addAsset("toy", "compute", { units: 1000n });
  serving = toy(1000);
  assert.is(await faultOf(id, toy(1000)), "passed");
  serving = toy(10);
  assert.is(await faultOf(id, toy(1000)), "not the work that was asked for");
});

test("who was not drawn, asks of another epoch or of an asset that is not the prover's is not answered", async () => {
  const id = await sealed("guarded");
  drawn = false;
  assert.match(await faultOf(id), /CHALLENGE_REFUSED: its sender was not drawn/);
  drawn = true;
  assert.match(await faultOf(id, undefined, { ...challengeOf(id), epoch: 9 }), /of another epoch/);
  assert.match(
    await faultOf(id, undefined, { ...challengeOf(id), auditor: node(0).signer.accountId }),
    /not the sender's/,
  );
  assert.match(await faultOf(id, undefined, { ...challengeOf(id), window: windowsPerEpoch }), /no such window/);
  assert.match(await faultOf(id, undefined, { ...challengeOf(id), kind: 1 }), /no such window/);
});

test("an auditor that was drawn gets a few answers in a window, and no more", async () => {
  const id = await sealed("asked for much");
  const ask = (window: number) => faultOf(id, undefined, { ...challengeOf(id), window });
  for (let i = 0; i < 3; i++) assert.is(await ask(2), "passed");
  assert.match(await ask(2), /CHALLENGE_REFUSED: its sender had 3 answers in this window/);
  assert.is(await ask(3), "passed", "the next window");
});

test.run();
