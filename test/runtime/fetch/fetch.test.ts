// What peers fetch: answers are clamped, and a peer that answers more, longer, out of order, unlinked or falsely is found out
// at the first item that does not hold, and reported.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createVerifier } from "../../../src/native/index.ts";
import {
  type AccountId,
  type AssetId,
  accountId,
  type Bytes,
  cellAt,
  cellParent,
  FairmeshError,
  keyOf,
  networkId,
} from "../../../src/primitives/index.ts";
import {
  type FetchSource,
  fetchBlocks,
  fetchCertificates,
  findAsset,
  findAssets,
  OwnRecords,
  serveFetches,
} from "../../../src/runtime/fetch/index.ts";
import {
  blockCodec,
  blockDigest,
  certificateCodec,
  rangeCountMax,
  signedAssetRecordCodec,
  voteKinds,
} from "../../../src/schema/index.ts";
import { Advertisers } from "../../support/advertisers.ts";
import { DiscoveryBoard } from "../../support/memory-discovery.ts";
import { MemoryNetwork } from "../../support/memory-transport.ts";

const never = new AbortController().signal;
const server = accountId(new Uint8Array(32).fill(1));
const asker = accountId(new Uint8Array(32).fill(2));

/** Blocks 0..count-1, each the next one's parent. */
function chain(count: number): readonly Bytes[] {
  const blocks: Bytes[] = [];
  let parent = blockDigest(blockCodec.empty().header);
  for (let height = 0; height < count; height++) {
    const empty = blockCodec.empty();
    const header = { ...empty.header, height, parent };
    parent = blockDigest(header);
    blocks.push(blockCodec.encode({ ...empty, header }));
  }
  return blocks;
}

function connect(source: FetchSource | undefined) {
  const network = new MemoryNetwork();
  const serving = network.join(server);
  const lies: string[] = [];
  if (source !== undefined) serveFetches(serving, source);
  const onLie = (from: AccountId, detail: string): void => {
    assert.equal(from, server);
    lies.push(detail);
  };
  return { serving, lies, parts: { transport: network.join(asker), onLie } };
}

async function heights(blocks: ReturnType<typeof fetchBlocks>): Promise<readonly number[]> {
  const found: number[] = [];
  for await (const { block } of blocks) found.push(block.header.height);
  return found;
}

const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "none",
    (error: unknown) => (error instanceof FairmeshError ? error.code : String(error)),
  );

test("a range is answered as far as there is, and never beyond its bound", async () => {
  const blocks = chain(600);
  const { parts, lies } = connect({ block: (height) => blocks[height] });
  const fetch = (fromHeight: number, count: number) =>
    heights(fetchBlocks(parts, server, { fromHeight, count }, never));
  assert.equal(await fetch(5, 3), [5, 6, 7]);
  assert.equal(await fetch(598, 10), [598, 599]);
  assert.equal(await fetch(700, 10), []);
  assert.is((await fetch(0, 5_000)).length, rangeCountMax);
  assert.equal(lies, []);
});

test("L-9: a range that was let go is answered so, and is no lie; from there on it is answered as ever", async () => {
  const blocks = chain(20);
  const { parts, lies } = connect({ block: (height) => blocks[height], bodiesFrom: () => 8 });
  const read = async (fromHeight: number): Promise<string | number> => {
    let count = 0;
    try {
      for await (const _ of fetchBlocks(parts, server, { fromHeight, count: 5 }, never)) count++;
    } catch (error) {
      return (error as FairmeshError).message;
    }
    return count;
  };
  assert.is(await read(7), "the peer keeps blocks from height 8 on");
  assert.is(await read(8), 5);
  assert.equal(lies, []);
});

test("long answers end before the bound on bytes; one item goes in any case", async () => {
  let made = 0;
  const { serving, parts } = connect({
    stateChunks: function* () {
      for (; ; made++) yield new Uint8Array(1 << 20);
    },
  });
  const answers: number[] = [];
  for await (const chunk of parts.transport.request(server, "state-chunks", new Uint8Array(12), never))
    answers.push(chunk.length);
  assert.is(answers.length, 16);
  assert.ok(serving !== undefined && made <= 17);
});

test("a question that is no question is refused", async () => {
  const { parts } = connect({ block: () => undefined });
  const asked = async (): Promise<void> => {
    for await (const _ of parts.transport.request(server, "blocks", new Uint8Array(3), never));
  };
  assert.is(await codeOf(asked()), "PEER_FAILED");
});

const blocks = chain(20);
const lying: readonly (readonly [string, readonly Bytes[], number])[] = [
  ["more than was asked for", blocks.slice(5, 9), 3],
  ["another height", blocks.slice(6, 8), 0],
  ["out of order", [blocks[5], blocks[7], blocks[6]] as Bytes[], 1],
  [
    "blocks of another chain",
    [
      blocks[5],
      blockCodec.encode({ ...blockCodec.empty(), header: { ...blockCodec.empty().header, height: 6 } }),
    ] as Bytes[],
    1,
  ],
  ["rubbish", [blocks[5], new Uint8Array(100)] as Bytes[], 1],
  ["too long an item", [new Uint8Array((1 << 20) + 1)], 0],
];

for (const [what, answer, good] of lying) {
  test(`a lying range is found out: ${what}`, async () => {
    const { serving, parts, lies } = connect(undefined);
    serving.onRequest("blocks", async function* () {
      yield* answer;
    });
    let taken = 0;
    const read = async (): Promise<void> => {
      for await (const _ of fetchBlocks(parts, server, { fromHeight: 5, count: 3 }, never)) taken += 1;
    };
    assert.is(await codeOf(read()), "ANSWER_FALSE");
    assert.is(taken, good, "what came before it stands");
    assert.is(lies.length, 1);
  });
}

test("finalizations come by range; another certificate is a lie", async () => {
  const certificate = (kind: (typeof voteKinds)[number]): Bytes => {
    const empty = certificateCodec.empty();
    return certificateCodec.encode({ ...empty, statement: { ...empty.statement, kind: voteKinds.indexOf(kind) } });
  };
  const { parts, lies } = connect({ certificate: (height) => certificate(height < 3 ? "finalize" : "notarize") });
  const fetch = async (fromHeight: number): Promise<number> => {
    let count = 0;
    for await (const _ of fetchCertificates(parts, server, { fromHeight, count: 2 }, never)) count += 1;
    return count;
  };
  assert.is(await fetch(0), 2);
  assert.is(await codeOf(fetch(2)), "ANSWER_FALSE");
  assert.is(lies.length, 1);
});

// Records of assets (D-3).

const verifier = createVerifier();
const berlin = cellAt(52.5, 13.4);
const nearby = cellAt(52.56, 13.52);

function market() {
  const network = new MemoryNetwork();
  const board = new DiscoveryBoard();
  const advertisers = Advertisers.of(networkId(new Uint8Array(32).fill(3)), 3);
  const lies: string[] = [];
  const { view } = advertisers;
  const parts = {
    transport: network.join(asker),
    discovery: board.of(asker),
    view,
    verifier,
    onLie: (_: AccountId, detail: string) => void lies.push(detail),
  };
  /** Signer `index` serves `ids`: announces them and answers their records, changed by `tamper`. */
  const serve = (index: number, ids: readonly AssetId[], tamper = (bytes: Bytes): Bytes => bytes): OwnRecords => {
    const signer = advertisers.signer(index);
    const own = new OwnRecords({ signer, view, assets: () => ids, addresses: () => ["/ip4/127.0.0.1/tcp/1"] });
    serveFetches(network.join(signer.accountId), {
      async *assetRecords(asset) {
        for await (const bytes of own.records(asset)) yield tamper(bytes);
      },
    });
    for (const id of ids) {
      const cell = view.asset(id)?.terms.cell ?? berlin;
      void board.of(signer.accountId).provide({ id, kind: "storage", cell });
    }
    return own;
  };
  return { advertisers, parts, lies, serve, board, network };
}

test("D-3: assets are found near a place, the nearest first, with their records", async () => {
  const { advertisers, parts, serve, lies } = market();
  const far = advertisers.addAsset(0, "far", "storage", nearby);
  const near = [advertisers.addAsset(1, "a"), advertisers.addAsset(1, "b")];
  const other = advertisers.addAsset(1, "link", "bandwidth");
  serve(0, [far]);
  serve(1, [...near, other]);
  const found: string[] = [];
  for await (const { asset } of findAssets(parts, { kind: "storage", cell: berlin, widenTo: 0 }, never))
    found.push(keyOf(asset.id));
  assert.equal(found, [...near, far].map(keyOf));
  const record = await findAsset(parts, far, never);
  assert.equal(
    record?.addresses.map((each) => new TextDecoder().decode(each)),
    ["/ip4/127.0.0.1/tcp/1"],
  );
  const coarse: string[] = [];
  for await (const { asset } of findAssets(parts, { kind: "storage", cell: cellParent(berlin, 2) }, never))
    coarse.push(keyOf(asset.id));
  assert.is(coarse.length, 3);
  assert.equal(lies, []);
});

test("a provider that has nothing, is gone, or lies about an asset does not hide the one that has it", async () => {
  const { advertisers, parts, serve, lies, board } = market();
  const id = advertisers.addAsset(0, "real");
  await board.of(accountId(new Uint8Array(32).fill(99))).provide({ id, kind: "storage", cell: berlin });
  serve(2, []);
  await board.of(advertisers.signer(2).accountId).provide({ id, kind: "storage", cell: berlin });
  serve(1, [id]);
  serve(0, [id]);
  const record = await findAsset(parts, id, never);
  assert.equal(record?.asset.owner, advertisers.signer(0).accountId);
  assert.equal(lies, ["a record: wrong-owner"]);
});

const tampered: readonly (readonly [string, (bytes: Bytes) => Bytes, readonly string[]])[] = [
  [
    "a flipped bit",
    (bytes) => bytes.map((byte, index) => (index === bytes.length - 1 ? byte ^ 1 : byte)),
    ["a record: bad-signature"],
  ],
  [
    "a forged signature",
    (bytes) => {
      const decoded = signedAssetRecordCodec.decode(bytes);
      assert.ok(decoded.ok);
      return signedAssetRecordCodec.encode({ ...decoded.value, signature: new Uint8Array(3309).fill(1) });
    },
    ["a record: bad-signature"],
  ],
  [
    "more units than the ledger has",
    (bytes) => {
      const decoded = signedAssetRecordCodec.decode(bytes);
      assert.ok(decoded.ok);
      const { record } = decoded.value;
      const asset = { ...record.asset, terms: { ...record.asset.terms, units: 1_000_000n } };
      return signedAssetRecordCodec.encode({ ...decoded.value, record: { ...record, asset } });
    },
    [],
  ],
];

for (const [what, tamper, expected] of tampered) {
  test(`a record is not believed: ${what}`, async () => {
    const { advertisers, parts, serve, lies } = market();
    const id = advertisers.addAsset(0, "asset");
    serve(0, [id], tamper);
    assert.is(await findAsset(parts, id, never), undefined);
    assert.equal(lies, expected);
  });
}

test("own records are made once an epoch, and anew when anything changed; expired ones are not believed", async () => {
  const { advertisers, parts, serve } = market();
  const id = advertisers.addAsset(0, "asset");
  const own = serve(0, [id]);
  const read = async (): Promise<Bytes | undefined> => {
    for await (const bytes of own.records(id)) return bytes;
    return undefined;
  };
  const first = await read();
  assert.is(await read(), first);
  advertisers.epoch += 1;
  assert.is.not(await read(), first);
  const stale = market();
  const staleId = stale.advertisers.addAsset(0, "asset");
  const record = stale.serve(0, [staleId]);
  let bytes: Bytes = new Uint8Array();
  for await (const each of record.records(staleId)) bytes = each;
  stale.serve(0, [staleId], () => bytes);
  assert.ok(await findAsset(stale.parts, staleId, never));
  stale.advertisers.epoch += 5;
  assert.is(await findAsset(stale.parts, staleId, never), undefined);
  assert.ok(await findAsset(parts, id, never));
});

test.run();
