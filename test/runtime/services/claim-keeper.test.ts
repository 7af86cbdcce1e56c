// What a provider files of an epoch's receipts, block by block (P-4): each part once, again only when the ledger did not take
// it for a while, and one asset's claims whatever becomes of another's.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { sha256 } from "../../../src/crypto/index.ts";
import { createNativeSigner } from "../../../src/native/index.ts";
import type { Store, Transport } from "../../../src/ports/index.ts";
import {
  type AssetId,
  accountId,
  assetId,
  bigEndian,
  equalBytes,
  keyOf,
  utf8ToBytes,
} from "../../../src/primitives/index.ts";
import type { DutyView } from "../../../src/runtime/duties/index.ts";
import { ClaimKeeper, ReceiptBook, requestersMax } from "../../../src/runtime/services/index.ts";
import {
  countersignedReceiptCodec,
  parametersOf,
  receiptsMax,
  type TransactionBody,
} from "../../../src/schema/index.ts";
import { createMemoryStore } from "../../support/memory-store.ts";
import { quietLog } from "../../support/quiet-ports.ts";
import { testNetworkId } from "../../support/test-network.ts";

type Claim = Extract<TransactionBody, { kind: "serviceClaim" }>["value"];
const signer = createNativeSigner(sha256(utf8ToBytes("provider")));
const parameters = parametersOf("devnet");
const claimed = 4;
const assets = ["one", "two"].map((name) => assetId(sha256(utf8ToBytes(name))));

async function addReceipts(book: ReceiptBook, asset: AssetId, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const empty = countersignedReceiptCodec.empty();
    const requester = accountId(sha256(bigEndian(i)));
    const ends = { assetId: asset, requester, provider: signer.accountId };
    await book.add({ ...empty, receipt: { ...empty.receipt, ...ends, epoch: claimed, seq: 1, units: 1n } });
  }
}

/** A ledger that takes what `takes` says, at the next block. */
function chain(takes: (claim: Claim) => boolean) {
  const parts = new Map<string, number>();
  const filed: Claim[] = [];
  let reads = 0;
  let height = (claimed + 1) * parameters.epochBlocks + Math.floor(parameters.epochBlocks / 6);
  let waiting: Claim[] = [];
  const view = {
    networkId: testNetworkId,
    parameters,
    head: () => ({
      ...{ height, epoch: claimed + 1 },
      offset: height % parameters.epochBlocks,
    }),
    asset: (id: AssetId) => ({ id }),
    claimParts: (_: number, id: AssetId) => parts.get(keyOf(id)) ?? 0,
    submit: async ({ value }: Extract<TransactionBody, { kind: "serviceClaim" }>) => {
      filed.push(value);
      if (takes(value)) waiting.push(value);
    },
  } as unknown as DutyView;
  const memory = createMemoryStore();
  const store: Store = {
    ...memory,
    range(...question) {
      reads++;
      return memory.range(...question);
    },
  };
  const receipts = new ReceiptBook(store);
  const transport = { publish: async () => {} } as unknown as Transport;
  const keeper = new ClaimKeeper({
    ...{ view, signer, transport, receipts, log: quietLog },
    assets: () => assets,
    onProof: () => {},
  });
  return {
    receipts,
    filed,
    reads: () => reads,
    async blocks(count: number): Promise<void> {
      for (let i = 0; i < count; i++) {
        await keeper.onBlock();
        for (const { assetId: id, part } of waiting) parts.set(keyOf(id), part + 1);
        waiting = [];
        height++;
      }
    },
  };
}

test("each part of each asset's claim is filed once, in order", async () => {
  const { receipts, filed, blocks, reads } = chain(() => true);
  await addReceipts(receipts, assets[0] as AssetId, receiptsMax + 3);
  await addReceipts(receipts, assets[1] as AssetId, 2);
  await blocks(6);
  const of = (asset: AssetId) => filed.filter((claim) => equalBytes(claim.assetId, asset));
  assert.equal(
    of(assets[0] as AssetId).map((claim) => [claim.part, claim.receipts.length]),
    [
      [0, receiptsMax],
      [1, 3],
    ],
  );
  assert.equal(
    of(assets[1] as AssetId).map((claim) => [claim.part, claim.receipts.length]),
    [[0, 2]],
  );
  const before = reads();
  await blocks(3);
  // What is filed whole is not read again; what is pruned is looked for.
  assert.ok(reads() - before <= 3, `${reads() - before} reads for nothing`);
});

test("a part that the ledger does not take is filed again every fourth block, and delays no other asset's", async () => {
  const { receipts, filed, blocks } = chain(({ assetId: id }) => equalBytes(id, assets[1] as AssetId));
  await addReceipts(receipts, assets[0] as AssetId, 1);
  await addReceipts(receipts, assets[1] as AssetId, 1);
  await blocks(9);
  const counts = assets.map((asset) => filed.filter((claim) => equalBytes(claim.assetId, asset)).length);
  assert.equal(counts, [3, 1]);
});

test("a crowd of tenants of next to nothing does not keep the others' receipts out of a claim", async () => {
  const { receipts } = chain(() => true);
  const asset = assets[0] as AssetId;
  const add = (account: Uint8Array, units: bigint) => {
    const empty = countersignedReceiptCodec.empty();
    const ends = { assetId: asset, requester: accountId(account), provider: signer.accountId };
    return receipts.add({ ...empty, receipt: { ...empty.receipt, ...ends, epoch: claimed, seq: 1, units } });
  };
  const crowd = 2 * requestersMax + 10;
  for (let i = 0; i < crowd; i++) await add(new Uint8Array([0, ...bigEndian(i), ...new Uint8Array(23)]), 1n);
  const honest = new Uint8Array(32).fill(0xee);
  await add(honest, 2n);
  const got = await receipts.ofEpoch(claimed, asset, signer.accountId);
  assert.is(got.length, requestersMax);
  assert.equal(got.at(-1)?.receipt.requester, accountId(honest));
  const ids = got.map(({ receipt }) => keyOf(receipt.requester));
  assert.equal(ids, [...ids].sort(), "in the ledger's order");
});

test.run();
