// The application without consensus: blocks built by one node and checked by another, overlays of unfinal blocks, pruning,
// restarts from the store at every height, what is kept and what is let go (L-9), and damage found at boot (L-6).
import "../../../src/native/hasher.ts";

import { test } from "uvu";
import * as assert from "uvu/assert";
import { blockTime, freezeOffset, totalOf } from "../../../src/ledger/index.ts";
import {
  type AssetId,
  type Bytes,
  bigEndian,
  concatBytes,
  type Digest,
  digest,
  equalBytes,
  fair,
  grains,
  toHex,
} from "../../../src/primitives/index.ts";
import {
  applicationSpaces,
  bodyEpochsKept,
  certificateProblems,
  type LedgerApplication,
  rewardEpochsKept,
} from "../../../src/runtime/application/index.ts";
import {
  type Block,
  blockCodec,
  blockWitnessCodec,
  type Certificate,
  type TransactionBody,
  transactionCodec,
  transactionsCodec,
} from "../../../src/schema/index.ts";
import { createMemoryStore } from "../../support/memory-store.ts";
import { TestChain, type TestOperator } from "../../support/test-chain.ts";

const transfer = (to: TestOperator, amount: bigint): TransactionBody => ({
  kind: "transfer",
  value: { to: to.account, amount: grains(amount) },
});
const rootOf = (app: LedgerApplication): string => toHex(app.queries.head().header.stateRoot);
const spacesOf = () => new Map<string, Map<string, Bytes>>();

/** A chain, and a second node on a store of its own that only checks. */
async function pair() {
  const chain = await TestChain.create();
  const [first, second] = chain.operators as [TestOperator, TestOperator];
  const checker = await chain.open(createMemoryStore());
  return { chain, first, second, checker };
}

test("a block that one node built, another finds valid, and both have one state after it", async () => {
  const { chain, first, second, checker } = await pair();
  await chain.send(first.signer, transfer(second, 5n));
  for (let height = 1; height <= 14; height++) {
    const { facts, bytes } = await chain.build();
    assert.equal(await checker.check(bytes, chain.nextMs), { kind: "valid", facts });
    const finalization = await chain.finalization(facts);
    for (const app of [chain.app, checker]) await app.commit([facts.digest], finalization, []);
    assert.is(rootOf(chain.app), rootOf(checker));
  }
  assert.is(checker.queries.account(first.account)?.nonce, 1);
});

test("a block is refused for whatever is wrong with it, with the reason, and leaves nothing behind", async () => {
  const { chain, first, second, checker } = await pair();
  await chain.send(first.signer, transfer(second, 5n));
  const { bytes } = await chain.build();
  const decoded = blockCodec.decode(bytes);
  assert.ok(decoded.ok);
  const block = decoded.value as Block;
  const { header, witness, transactions } = block;
  const rooted = (change: Partial<Block>): Block => {
    const next = { ...block, ...change };
    const roots = {
      transactionsRoot: transactionsCodec.root(next.transactions),
      witnessRoot: blockWitnessCodec.root(next.witness),
    };
    return { ...next, header: { ...next.header, ...roots } };
  };
  const other = digest(new Uint8Array(32).fill(9));
  const inHeader = (change: object): Block => ({ ...block, header: { ...header, ...change } });
  const [one] = witness.transactions as [Block["witness"]["transactions"][number]];
  const unsigned = { ...witness, transactions: [{ ...one, signature: new Uint8Array(3309) }] };
  const cases: readonly (readonly [Block | Bytes, string])[] = [
    [bytes.slice(1), "malformed"],
    [inHeader({ version: 2 }), "version-unknown"],
    [inHeader({ networkId: other }), "network-wrong"],
    [inHeader({ height: 0 }), "height-wrong"],
    [inHeader({ epoch: 1 }), "epoch-wrong"],
    [inHeader({ term: 1 }), "epoch-wrong"],
    [inHeader({ transactionsRoot: other }), "transactions-root"],
    [inHeader({ witnessRoot: other }), "witness-root"],
    [{ ...block, transactions: [] }, "witness-count"],
    [inHeader({ stateRoot: other }), "state-root"],
    [inHeader({ epochRecordRoot: other }), "epoch-record-root"],
    [inHeader({ proposer: 63 }), "seat-unknown"],
    [inHeader({ beaconReveal: other }), "reveal-wrong"],
    [inHeader({ timestampMs: header.timestampMs - 1 }), "timestamp-early"],
    [rooted({ witness: unsigned }), "signature-wrong"],
    [
      rooted({ transactions: [...transactions, ...transactions], witness: { ...witness, transactions: [one, one] } }),
      "nonce-too-low",
    ],
    [
      rooted({ witness: { ...witness, parentCertificate: [await chain.finalization(chain.app.tip().facts)] } }),
      "certificate-unwanted",
    ],
  ];
  for (const [wrong, reason] of cases) {
    const given = wrong instanceof Uint8Array ? wrong : blockCodec.encode(wrong);
    assert.equal(await checker.check(given, chain.nextMs), { kind: "invalid", reason }, reason);
  }
  assert.is(checker.inspect(blockCodec.encode(inHeader({ transactionsRoot: other }))), undefined);
  const orphan = blockCodec.encode(inHeader({ parent: other }));
  assert.equal(await checker.check(orphan, chain.nextMs), { kind: "unavailable", missing: other });
  const early = await checker.check(bytes, header.timestampMs - chain.parameters.driftMs - 1);
  assert.equal(early, { kind: "early", atMs: header.timestampMs - chain.parameters.driftMs });
  assert.is((await checker.check(bytes, chain.nextMs)).kind, "valid");
});

test("unfinal blocks stand on one another; what does not descend from a final one is let go", async () => {
  const { chain, first, second } = await pair();
  const tip = chain.app.tip().facts.digest;
  const left = await chain.build(tip, 0);
  await chain.send(first.signer, transfer(second, 7n));
  const right = await chain.build(tip, 1);
  assert.not(equalBytes(left.facts.digest, right.facts.digest));
  const beside = await chain.build(right.facts.digest, 2);
  const aside = await chain.build(beside.facts.digest, 3);
  const above = await chain.build(left.facts.digest, 2);
  const top = await chain.build(above.facts.digest, 3);
  assert.is(chain.app.queries.head().header.height, 0, "nothing is final");
  assert.is(chain.app.queries.account(second.account)?.balance, fair(1000));
  await chain.app.commit([left.facts.digest, above.facts.digest], await chain.finalization(above.facts), []);
  assert.is(chain.app.tip().facts.height, 2);
  // The other branch is gone; what stands on the final one is still there.
  assert.is((await chain.app.check(top.bytes, chain.nextMs)).kind, "valid");
  const again = await chain.app.check(right.bytes, chain.nextMs);
  assert.equal(again, { kind: "unavailable", missing: tip });
  const higher = await chain.app.check(aside.bytes, chain.nextMs + 5000);
  assert.equal(higher, { kind: "unavailable", missing: beside.facts.digest });
  await chain.app.commit([top.facts.digest], await chain.finalization(top.facts), []);
  assert.is(chain.app.tip().facts.height, 3);
  // Its transaction was taken by the block on the final branch: paid once, and no longer in the pool.
  assert.is(chain.app.queries.account(second.account)?.balance, fair(1000) + 7n);
  assert.is(chain.app.mempool.size, 0);
});

test("transactions are refused at submission with their reason, or wait for their turn", async () => {
  const { chain, first, second } = await pair();
  const submit = async (body: TransactionBody, head = {}) => {
    const outcome = await chain.app.submit(await chain.signed(first.signer, body, head));
    return outcome.ok ? undefined : outcome.error;
  };
  const bytes = await chain.signed(first.signer, transfer(second, 1n), { nonce: 0 });
  assert.ok((await chain.app.submit(bytes)).ok);
  const twice = await chain.app.submit(bytes);
  assert.is(twice.ok ? undefined : twice.error, "already-known");
  assert.is(await submit(transfer(second, 1n), { nonce: 0, expires: 0 }), "expired");
  assert.is(await submit(transfer(second, fair(10_000)), { nonce: 0, tip: 5000n }), "balance-too-low");
  assert.is(await submit(transfer(second, 2n), { nonce: 2 }), undefined, "a later nonce waits");
  assert.is(
    await submit(transfer(second, fair(10_000)), { nonce: 1 }),
    "balance-too-low",
    "tried behind the one that waits",
  );
  assert.is(await submit(transfer(second, 2n), { nonce: 200 }), "nonce-too-high");
  assert.is(await submit(transfer(second, 3n), { nonce: 1, showKey: true }), "key-unwanted");
  const forged = (await chain.signed(first.signer, transfer(second, 1n), { nonce: 1 })).slice();
  forged[forged.length - 2000] = (forged[forged.length - 2000] as number) ^ 1;
  const outcome = await chain.app.submit(forged);
  assert.is(outcome.ok ? undefined : outcome.error, "signature-wrong");
  const garbled = await chain.app.submit(new Uint8Array(100));
  assert.is(garbled.ok ? undefined : garbled.error, "malformed");
  // Nonce 2 waits for 1: the block holds 0 alone, then both.
  assert.is((await chain.block()).transactions.length, 1);
  assert.is(await submit(transfer(second, 3n), { nonce: 1 }), undefined);
  assert.is((await chain.block()).transactions.length, 2);
});

test("a node that starts again at any height goes on with the same states, in the middle of a settlement too", async () => {
  const steady = await TestChain.create();
  const shaky = await TestChain.create();
  const { epochBlocks } = steady.parameters;
  for (const chain of [steady, shaky]) for (const owner of chain.operators) await chain.registerAsset(owner);
  for (let height = 1; height <= epochBlocks * 5 + 10; height++) {
    for (const chain of [steady, shaky]) {
      await chain.duties((entry) => entry);
      // After the freeze nothing may reach the settlement that is under way, a restart in between or not.
      const [owner, asset] = [chain.operators[0] as TestOperator, chain.assets[0] as AssetId];
      const bond = { operator: owner.account, assetId: asset, amount: grains(fair(1)) };
      if (chain.height % epochBlocks === freezeOffset(chain.parameters))
        await chain.send(owner.signer, { kind: "bond", value: bond });
      await chain.block();
    }
    assert.is(rootOf(shaky.app), rootOf(steady.app), `height ${height}`);
    // What waits in a mempool is lost with it, so only where nothing does.
    if (shaky.app.mempool.size === 0) await shaky.reopen();
    assert.is(rootOf(shaky.app), rootOf(steady.app), `height ${height}, again`);
  }
  assert.equal([steady.refused, shaky.refused], [[], []]);
  assert.ok((shaky.app.queries.epochRecord(3)?.kinds[0]?.paid as bigint) > 0n);
  const sums = shaky.app.queries.chain();
  assert.is(totalOf(sums), shaky.parameters.supplyAtGenesis + sums.emitted);
});

test("a node that commits whole terms at once leaves nothing behind that a later settlement would take for its inputs", async () => {
  const chain = await TestChain.create();
  const [owner] = chain.operators as [TestOperator];
  await chain.registerAsset(owner);
  const { epochBlocks, termEpochs } = chain.parameters;
  const store = createMemoryStore();
  let follower = await chain.open(store);
  const term = termEpochs * epochBlocks;
  const line: { readonly digest: Digest; readonly bytes: Uint8Array; readonly finalization: Certificate }[] = [];
  for (let height = 1; height <= 2 * term + epochBlocks; height++) {
    await chain.duties((entry) => entry);
    const bond = { operator: owner.account, assetId: chain.assets[0] as AssetId, amount: grains(fair(1)) };
    const { offset } = blockTime(chain.height + 1, chain.parameters);
    if (offset === freezeOffset(chain.parameters) + 1) await chain.send(owner.signer, { kind: "bond", value: bond });
    const { facts, bytes } = await chain.build();
    const finalization = await chain.finalization(facts);
    await chain.app.commit([facts.digest], finalization, []);
    line.push({ digest: facts.digest, bytes, finalization });
  }
  const follow = async (from: number, to: number): Promise<void> => {
    const part = line.slice(from, to);
    for (const { bytes } of part) assert.is((await follower.check(bytes, Number.MAX_SAFE_INTEGER)).kind, "valid");
    const last = part.at(-1) as (typeof line)[number];
    await follower.commit(
      part.map(({ digest }) => digest),
      last.finalization,
      [],
    );
  };
  await follow(0, term);
  await follow(term, 2 * term);
  const freezes = 2 * term + freezeOffset(chain.parameters);
  await follow(2 * term, freezes + 1);
  // Started again before this, it would tidy up; now a settlement is under way.
  for (let height = freezes + 1; height < line.length; height++) {
    follower = await chain.open(store);
    await follow(height, height + 1);
  }
  assert.is(rootOf(follower), rootOf(chain.app));
  const rowsLeft = async (): Promise<number> => {
    let rows = 0;
    for await (const _ of store.range(applicationSpaces.frozen, new Uint8Array(), new Uint8Array(40).fill(255), 1000))
      rows++;
    return rows;
  };
  assert.is(await rowsLeft(), 0);
  // What an earlier version left there is gone after a start.
  await store.batch([{ space: applicationSpaces.frozen, key: new Uint8Array(33), value: new Uint8Array(1) }], {
    sync: true,
  });
  await chain.open(store);
  assert.is(await rowsLeft(), 0);
});

test("L-9: finalizations of the last 256 blocks and of term ends, tables of 64 epochs, bodies to the end of disputes", async () => {
  const chain = await TestChain.create({ finalized: () => false });
  const asset = await chain.registerAsset(chain.operators[0] as TestOperator);
  await chain.block();
  const [early] = chain.app.queries.block(1)?.transactions.map((one) => transactionCodec.root(one)) ?? [];
  const epochs = rewardEpochsKept + 6;
  await chain.runTo(epochs);
  const { queries } = chain.app;
  const tip = queries.head().header.height;
  assert.ok(queries.finalization(tip));
  assert.ok(queries.finalization(tip - 255));
  assert.is(queries.finalization(tip - 257), undefined);
  assert.ok(queries.finalization(24), "a term's end is kept");
  assert.is(queries.finalization(12), undefined);
  const from = queries.bodiesFrom();
  assert.is(from, (epochs - bodyEpochsKept(chain.parameters)) * chain.parameters.epochBlocks + 1);
  assert.equal([queries.block(from - 1), queries.digestAt(from - 1)], [undefined, undefined]);
  assert.ok(queries.block(from));
  assert.is(queries.transactionHeight(early as Digest), undefined, "with a body goes what leads to it");
  assert.is((await chain.open(chain.store)).queries.bodiesFrom(), from, "over a restart, too");
  const made = async (epoch: number) => {
    const outcome = await queries.certificate(epoch, asset);
    return outcome.ok ? "made" : outcome.error;
  };
  const newest = epochs - 1;
  assert.is(await made(newest), "made");
  assert.is(await made(newest - rewardEpochsKept + 1), "made");
  assert.is(await made(newest - rewardEpochsKept), "reward-unknown");
  assert.match(certificateProblems["reward-unknown"], `until ${rewardEpochsKept} epochs later`);
  assert.is((await queries.rewardTable(newest - rewardEpochsKept)).length, 0);
  assert.is((await queries.rewardTable(newest - 1)).length, 1);
  // From genesis on, every second term handed over: its seals are all there.
  const whole = await queries.certificate(newest, asset, "genesis");
  assert.ok(whole.ok, whole.ok ? "" : whole.error);
  assert.is(queries.epochRecord(newest - 20)?.epoch, newest - 20);
});

test("L-9: what is on the disk does not grow once the dispute window is full; an archive node keeps all", async () => {
  const size = (spaces: Map<string, Map<string, Bytes>>): number =>
    [...spaces.values()].flatMap((rows) => [...rows.values()]).reduce((sum, value) => sum + value.length, 0);
  const grown = async (archive: boolean): Promise<readonly number[]> => {
    const spaces = spacesOf();
    const chain = await TestChain.create({
      store: createMemoryStore(spaces),
      finalized: () => false,
      application: { archive },
    });
    await chain.registerAsset(chain.operators[0] as TestOperator);
    const sizes: number[] = [];
    for (const epoch of [40, 80, 100, 120]) {
      await chain.runTo(epoch);
      sizes.push(Math.round(size(spaces) / 1024));
    }
    if (archive) assert.ok(chain.app.queries.block(1));
    return sizes;
  };
  const [pruned, whole] = [await grown(false), await grown(true)];
  const [, at80, at100, at120] = pruned as [number, number, number, number];
  // What is kept for good is a seal, two committees and two anchors a term.
  const growth = (at120 - at80) / 40;
  assert.ok(
    growth < (whole[3] as number) / 120 / 3,
    `${pruned.join()} KiB after 40, 80, 100, 120 epochs; all: ${whole.join()}`,
  );
  assert.ok(at120 - at100 < (at100 - at80) * 1.2 + 8, pruned.join());
});

test("a database of another network is refused", async () => {
  const spaces = spacesOf();
  const chain = await TestChain.create({ store: createMemoryStore(spaces) });
  await chain.runTo(0);
  const other = await TestChain.create({ store: createMemoryStore(spacesOf()), genesisMs: 1 });
  try {
    await other.open(createMemoryStore(spaces));
    assert.unreachable();
  } catch (error) {
    assert.is((error as { code?: string }).code, "GENESIS_OTHER");
  }
});

test("a state, a block or a frozen record that was damaged on the disk is found at the start", async () => {
  const spaces = spacesOf();
  const chain = await TestChain.create({ store: createMemoryStore(spaces) });
  await chain.registerAsset(chain.operators[0] as TestOperator);
  await chain.runTo(0);
  const code = async (): Promise<string> => {
    try {
      await chain.open(createMemoryStore(spaces));
      return "opened";
    } catch (error) {
      return (error as { code?: string }).code ?? String(error);
    }
  };
  assert.is(await code(), "opened");
  const state = spaces.get(applicationSpaces.state) as Map<string, Bytes>;
  for (const [key, value] of [...state].filter((_, at) => at % 3 === 0)) {
    const damaged = value.slice();
    damaged[damaged.length >> 1] = (damaged[damaged.length >> 1] as number) ^ 1;
    state.set(key, damaged);
    assert.is(await code(), "STATE_DAMAGED", key);
    state.delete(key);
    assert.is(await code(), "STATE_DAMAGED", `${key} taken away`);
    state.set(key, value);
  }
  const strange = toHex(concatBytes(Uint8Array.of(1), bigEndian(7, 32)));
  const [some] = [...state].filter(([key]) => key.startsWith("01")) as [[string, Bytes]];
  state.set(strange, some[1]);
  assert.is(await code(), "STATE_DAMAGED", "a record more");
  state.delete(strange);
  assert.is(await code(), "opened");
  const blocks = spaces.get(applicationSpaces.blocks) as Map<string, Bytes>;
  blocks.delete(toHex(chain.app.tip().facts.digest));
  assert.is(await code(), "STATE_DAMAGED");
});

test.run();
