// Peers that lie to a node that joins (S-11, L-6): forged chains of committees, chunks and postings that are not those of the
// proved header, wrong keys, answers that never end or break off. Each is found out, reported by name where one can be named,
// and passed over; what the node adopts is what the honest one gives.
import "../../../src/native/hasher.ts";

import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { cheapSigner } from "../../../simulation/environment/cheap-signer.ts";
import { emptyAccount, exportState } from "../../../src/ledger/index.ts";
import { type Bytes, bigEndian, type Digest, digest, keyOf } from "../../../src/primitives/index.ts";
import { type FetchSource, fetchLimits, fetchProtocols } from "../../../src/runtime/fetch/index.ts";
import {
  blockCodec,
  blockDigest,
  type CommitteeRecord,
  chunkBytes,
  committeeCodec,
  epochRecordCodec,
  type StateChunksRequest,
  signingRoot,
  stateChunkCodec,
  statementRoot,
  tables,
} from "../../../src/schema/index.ts";
import { type Joiner, joiner, jumpingClock, manyAccounts, servedChain } from "../../support/served-chain.ts";

const never = new AbortController().signal;
const world = await servedChain(5, { accountsMore: manyAccounts });
const { chain, source, snapshots, height } = world;
type Proof = NonNullable<ReturnType<NonNullable<FetchSource["termProof"]>>>;

/** Joins among liars and, last, an honest peer; the liars are told by their numbers. */
async function among(...liars: readonly FetchSource[]): Promise<Joiner> {
  const one = await joiner(world, [...liars, source]);
  await one.join.run(never);
  assert.is(one.app.tip().facts.height, height);
  assert.is(keyOf(one.app.queries.state().root), keyOf(chain.app.queries.block(height)?.header.stateRoot as Digest));
  return one;
}

const proving = (change: (proof: Proof) => Proof): FetchSource => ({
  ...source,
  termProof(checkpoint) {
    const proof = source.termProof?.(checkpoint);
    return proof === undefined ? undefined : change(proof);
  },
});
const stranger = (committee: CommitteeRecord): CommitteeRecord => ({
  ...committee,
  seats: committee.seats.map((seat, index) => ({ ...seat, publicKey: cheapSigner(`stranger ${index}`).publicKey })),
});
const chunksOf = (change: (chunk: Bytes, index: number) => Bytes): FetchSource => ({
  ...source,
  *stateChunks(request: StateChunksRequest) {
    let index = request.fromIndex;
    for (const chunk of snapshots.chunks(request)) yield change(chunk, index++);
  },
});
const flipped = (bytes: Bytes): Bytes => bytes.with(bytes.length - 1, (bytes.at(-1) as number) ^ 1);

test("a forged chain of committees, whatever of it is forged, is reported and nothing taken from it", async () => {
  const otherFirst = proving((proof) => ({ ...proof, committee: stranger(proof.committee) }));
  const noSignatures = proving((proof) => ({
    ...proof,
    seal: {
      ...proof.seal,
      finalization: {
        ...proof.seal.finalization,
        signatures: proof.seal.finalization.signatures.map(() => new Uint8Array(3309)),
      },
    },
  }));
  const fewer = proving((proof) => ({
    ...proof,
    seal: {
      ...proof.seal,
      finalization: {
        ...proof.seal.finalization,
        signers: Uint8Array.of(1),
        signatures: proof.seal.finalization.signatures.slice(0, 1),
      },
    },
  }));
  const otherHandOver = proving((proof) => ({
    ...proof,
    handOvers: proof.handOvers.map((one) => ({ ...one, committee: stranger(one.committee) })),
  }));
  const shorter = proving((proof) => ({ ...proof, handOvers: proof.handOvers.slice(1) }));
  const otherState = proving((proof) => ({
    ...proof,
    seal: { ...proof.seal, headers: proof.seal.headers.map((one) => ({ ...one, stateRoot: one.parent })) },
  }));
  const higher = proving((proof) => ({
    ...proof,
    seal: { ...proof.seal, headers: proof.seal.headers.map((one) => ({ ...one, height: one.height + 48 })) },
  }));
  const { lies } = await among(otherFirst, noSignatures, fewer, otherHandOver, shorter, otherState, higher);
  assert.equal(lies.toSorted(), [
    "1: a term's end: finalization-committee",
    "2: a term's end whose signatures do not hold",
    "3: a term's end: finalization-quorum",
    "4: a term's end: committee-root",
    "5: a chain of committees that breaks off",
    "6: a term's end: finalization-digest",
    "7: a term's end: header-chain",
  ]);
});

/** A seal whose block strangers finalized, all signatures right. */
async function sealedBy(seal: Proof["seal"], committee: CommitteeRecord): Promise<Proof["seal"]> {
  const statement = { ...seal.finalization.statement, committeeRoot: committeeCodec.root(committee) };
  const root = signingRoot(statementRoot(statement), chain.app.networkId, "vote");
  const quorum = seal.finalization.signatures.length;
  const signatures = await Promise.all(
    Array.from({ length: quorum }, (_, index) => cheapSigner(`stranger ${index}`).sign(root, "vote")),
  );
  return { ...seal, finalization: { ...seal.finalization, statement, signatures } };
}

test("a chain of strangers that hold together is refused for not beginning at genesis", async () => {
  const proof = source.termProof?.(undefined) as Proof;
  const first = stranger(proof.committee);
  const handOvers: Proof["handOvers"][number][] = [];
  let committee = first;
  for (const one of proof.handOvers) {
    const next = stranger(one.committee);
    const record = { ...one.seal.record, committeeRoot: committeeCodec.root(next) };
    const headers = one.seal.headers.map((header) => ({ ...header, epochRecordRoot: epochRecordCodec.root(record) }));
    const statement = { ...one.seal.finalization.statement, digest: blockDigest(headers[0] as (typeof headers)[0]) };
    const finalization = { ...one.seal.finalization, statement };
    handOvers.push({ seal: await sealedBy({ record, headers, finalization }, committee), committee: next });
    committee = next;
  }
  const forged = { ...proof, committee: first, handOvers, seal: await sealedBy(proof.seal, committee) };
  assert.equal((await among(proving(() => forged))).lies, ["1: a term's end: committee-root"]);
});

test("the very block that is pinned, finalized by strangers: the state does not name them", async () => {
  const checkpoint = chain.app.queries.digestAt(height) as Digest;
  const proof = source.termProof?.(checkpoint) as Proof;
  const committee = stranger(proof.committee);
  const forged = { ...proof, committee, seal: await sealedBy(proof.seal, committee) };
  const one = await joiner(world, [proving(() => forged), source], { checkpoint });
  await one.join.run(never);
  assert.equal(one.lies, ["1: a committee that the state does not name"]);
  assert.is(one.app.tip().facts.height, height);
  const kept = one.app.queries.finalization(height)?.statement.committeeRoot;
  assert.is(keyOf(kept as Digest), keyOf(committeeCodec.root(proof.committee)));
});

test("what a pinned block does not vouch for is not kept: a forged past that leads to it is reported", async () => {
  const checkpoint = chain.app.queries.digestAt(height) as Digest;
  const whole = source.termProof?.(undefined) as Proof;
  const end = source.termProof?.(checkpoint) as Proof;
  const past = whole.handOvers.at(-1) as Proof["handOvers"][number];
  const first = { ...stranger(end.committee), term: end.committee.term - 2 };
  const forged = { ...end, committee: first, handOvers: [{ ...past, seal: await sealedBy(past.seal, first) }] };
  const one = await joiner(world, [proving(() => forged), source], { checkpoint });
  await one.join.run(never);
  assert.equal(one.lies, ["1: a chain of committees that does not begin where it was asked to"]);
  assert.is(one.app.tip().facts.height, height);
});

test("hand-overs without end are read no further than terms lie between", async () => {
  let made = 0;
  const endless = proving((proof) => ({
    ...proof,
    handOvers: {
      *[Symbol.iterator]() {
        for (;;) {
          made += 1;
          yield proof.handOvers[0];
        }
      },
    } as never,
  }));
  const { lies } = await among(endless);
  assert.equal(lies, ["1: more hand-overs than there are terms"]);
  assert.ok(made < 8, `${made} were made`);
});

test("chunks that do not come to the header's root name the one peer that gave them", async () => {
  const spoilt = chunksOf((chunk) => {
    const decoded = stateChunkCodec.decode(chunk);
    if (!decoded.ok || decoded.value.last === 0) return chunk;
    return stateChunkCodec.encode({ ...decoded.value, records: decoded.value.records.slice(0, -1) });
  });
  const cut = chunksOf((chunk) => chunk.subarray(0, 10));
  const wrong = chunksOf((chunk, index) => (index === 0 ? flipped(chunk) : chunk));
  for (const [liar, says] of [
    [spoilt, /^1: a state: root-wrong$/],
    [cut, /^1: a state: chunk-malformed$/],
    [wrong, /^1: a state: (record-malformed|root-wrong)$/],
  ] as const) {
    const { lies } = await among(liar);
    assert.is(lies.length, 1, lies.join());
    assert.match(lies[0] as string, says);
  }
});

test("a wrong chunk and then silence: nobody can be named at first, and in the end the liar is", async () => {
  const spoilt: FetchSource = {
    ...source,
    *stateChunks(request) {
      if (request.fromIndex > 0) return;
      for (const chunk of snapshots.chunks(request)) {
        const decoded = stateChunkCodec.decode(chunk);
        if (decoded.ok) yield stateChunkCodec.encode({ ...decoded.value, records: decoded.value.records.slice(1) });
        return;
      }
    },
  };
  const one = await among(spoilt);
  // It never gives a whole state, so that it is passed over; the honest peer is not blamed for its chunk.
  assert.equal(one.lies, []);
});

test("chunks without end are read no further than the largest state", async () => {
  const [first] = exportState(chain.state);
  const decoded = stateChunkCodec.decode(first as Bytes);
  assert.ok(decoded.ok);
  let made = 0;
  const endless: FetchSource = {
    ...source,
    *stateChunks({ fromIndex }) {
      for (let index = fromIndex; ; index++) {
        made += 1;
        yield stateChunkCodec.encode({ index, last: 0, records: [] });
      }
    },
  };
  const { lies } = await among(endless);
  assert.equal(lies, ["1: a state: chunk-short"]);
  assert.ok(made < 4, `${made} chunks were read`);
  assert.ok(fetchLimits.wholeStateBytesMax <= 1 << 30);
});

test("a bucket with more records than one can have is a lie, and no fault of the node's own", async () => {
  const bytes = tables.accounts.codec.encode(emptyAccount);
  const inChunk = Math.floor(chunkBytes / bytes.length);
  const record = (index: number) => ({ space: tables.accounts.space, key: digest(bigEndian(index, 32)), bytes });
  const crowded: FetchSource = {
    ...source,
    *stateChunks({ fromIndex }) {
      for (let index = fromIndex; index * inChunk <= 1 << 16; index++) {
        const records = Array.from({ length: inChunk }, (_, at) => record(index * inChunk + at));
        yield stateChunkCodec.encode({ index, last: 0, records });
      }
    },
  };
  assert.equal((await among(crowded)).lies, ["1: a state: bucket-full"]);
});

test("a key that hashes to no id that was asked for", async () => {
  const wrong: FetchSource = { ...source, publicKey: () => cheapSigner("somebody").publicKey };
  const { lies } = await among(wrong);
  assert.equal(lies, ["1: a public key that was not asked for"]);
});

test("postings that are not those of the record, fewer, or more", async () => {
  const given: FetchSource = {
    ...source,
    async postings(request) {
      const all = (await source.postings?.(request)) ?? [];
      return all.map((one, index) => (index === 0 ? { ...one, slashPpm: one.slashPpm ^ 1 } : one));
    },
  };
  const more: FetchSource = {
    ...source,
    async postings(request) {
      const all = (await source.postings?.({ ...request, fromIndex: 0 })) ?? [];
      return [...all, ...all];
    },
  };
  const fewer: FetchSource = { ...source, postings: async () => [] };
  assert.equal((await among(given)).lies, ["1: postings that are not those of the record"]);
  assert.equal((await among(more)).lies, ["1: more postings than the record counts"]);
  assert.equal((await among(fewer)).lies, []);
});

test("another block at the proved height", async () => {
  const other: FetchSource = {
    ...source,
    block(at) {
      const block = chain.app.queries.block(at);
      if (block === undefined) return undefined;
      return blockCodec.encode({ ...block, header: { ...block.header, proposer: block.header.proposer + 1 } });
    },
  };
  assert.equal((await among(other)).lies, ["1: a block that is not the one that is final at its height"]);
});

test("whatever byte of whatever answer is changed, what is adopted is the proved state", async () => {
  const small = await servedChain(3);
  const end = small.chain.app.queries.block(small.height)?.header.stateRoot as Digest;
  const protocols = Object.values(fetchProtocols);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...protocols),
      fc.nat({ max: 3 }),
      fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      async (protocol, item, place) => {
        const one = await joiner(small, [small.source, small.source], {
          spoil: (from, asked, bytes, index) => {
            if (from !== 1 || asked !== protocol || index !== item) return bytes;
            const at = Math.floor(place * bytes.length);
            return bytes.with(at, (bytes[at] as number) ^ 1);
          },
        });
        await one.join.run(never);
        assert.is(one.app.tip().facts.height, small.height);
        assert.is(keyOf(one.app.queries.state().root), keyOf(end));
        assert.ok(
          one.lies.every((lie) => lie.startsWith("1: ")),
          one.lies.join(),
        );
      },
    ),
    { numRuns: 25 },
  );
});

test("a peer that has nothing, breaks off or has let it go is passed over without blame", async () => {
  const broken: FetchSource = {
    ...source,
    *stateChunks() {
      yield new Uint8Array();
      throw new Error("cut");
    },
  };
  const pruned: FetchSource = { ...source, bodiesFrom: () => Number.MAX_SAFE_INTEGER };
  const { stateChunks: _1, publicKey: _2, postings: _3, ...without } = source;
  const { lies } = await among({}, without, pruned);
  assert.equal(lies, []);
  assert.equal((await among(broken)).lies, ["1: a state: chunk-malformed"]);
});

test("a peer that is slow is given up after its time, and told on", async () => {
  const clock = jumpingClock(chain.app.tip().facts.timestampMs + 1000);
  const due: (() => void)[] = [];
  clock.at = (_, run) => {
    due.push(run);
    return () => void due.splice(due.indexOf(run), 1);
  };
  const slow: FetchSource = {
    ...source,
    async *transcript() {},
    stateChunks: () => [],
    postings: () => {
      setImmediate(() => {
        for (const run of due.slice()) run();
      });
      return new Promise(() => {});
    },
  } as never;
  const one = await joiner(world, [slow, source], { clock });
  await one.join.run(never);
  assert.is(one.app.tip().facts.height, height);
  assert.equal([one.lies, one.slow], [[], ["1"]]);
});

test("a peer that drips, each answer in time, is given up all the same", async () => {
  const base = jumpingClock(chain.app.tip().facts.timestampMs + 1000);
  let [asked, passedMs] = [0, 0];
  const clock = { ...base, nowMs: () => base.nowMs() + passedMs };
  const dripping: FetchSource = {
    ...source,
    *stateChunks(request) {
      asked += 1;
      passedMs += 60_000;
      const [chunk] = snapshots.chunks(request);
      if (chunk !== undefined) yield chunk;
    },
  };
  // One chunk of 256 KiB a minute.
  const one = await joiner(world, [dripping, source], { clock });
  await one.join.run(never);
  assert.is(one.app.tip().facts.height, height);
  assert.equal([one.lies, one.slow], [[], ["1"]]);
  assert.is(asked, 1);
});

test.run();
