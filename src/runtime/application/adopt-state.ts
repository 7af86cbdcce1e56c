// Puts a state that was fetched and proved into the store in the place of whatever chain was there (S-11, L-6). A state is too
// long for one batch: a mark says that one is being written, and as long as it is there the disk counts as empty, so that a
// crash never leaves half a state. The last batch has the tip and takes the mark away. What was proved of the committees is
// kept, so that this node can prove rewards and be joined from.
import { eachRecord, type LedgerState, recordsOf } from "../../ledger/index.ts";
import type { Store, StoreOperation } from "../../ports/index.ts";
import { type Bytes, bigEndian, type Digest, digest, keyOf } from "../../primitives/index.ts";
import {
  blockDigest,
  type Certificate,
  type CommitteeRecord,
  certificateCodec,
  type HandOver,
  type Header,
  type Posting,
  postingCodec,
  type Seal,
  sealCodec,
  tables,
} from "../../schema/index.ts";
import { putCommittee } from "./certificate-store.ts";
import { bodiesKey, epochKey, applicationSpaces as spaces, stateKey, tipKey } from "./spaces.ts";

export interface Adoption {
  /** The last block of a term with its finalization. */
  readonly header: Header;
  readonly bytes: Bytes;
  readonly finalization: Certificate;
  readonly state: LedgerState;
  /** Of the epoch settled last, as its record in the state commits to them. */
  readonly postings: readonly Posting[];
  /** What proved the block: the term's committee, the hand-overs that led to it, and the seal of the term's end. */
  readonly committee: CommitteeRecord;
  readonly handOvers: readonly HandOver[];
  readonly seal: Seal;
}

/** What of a chain that is left behind would be taken for a part of the one adopted. Keys and what proves committees stay. */
const replaced = [
  spaces.state,
  spaces.frozen,
  spaces.blocks,
  spaces.heights,
  spaces.finalizations,
  spaces.rewards,
  spaces.explanations,
  spaces.audits,
  spaces.claims,
  spaces.postings,
  spaces.transactions,
];
const keyEnd = new Uint8Array(64).fill(255);
const rowsAtOnce = 4096;

const mark = (target: Digest | undefined): StoreOperation => ({
  space: spaces.adopting,
  key: tipKey,
  ...(target === undefined ? {} : { value: target }),
});

async function clear(store: Store): Promise<void> {
  for (const space of replaced) {
    for (let gone = rowsAtOnce; gone === rowsAtOnce; ) {
      const rows: StoreOperation[] = [];
      for await (const [key] of store.range(space, new Uint8Array(0), keyEnd, rowsAtOnce)) rows.push({ space, key });
      await store.batch(rows, { sync: false });
      gone = rows.length;
    }
  }
}

/** At a start: what a crash left of an adoption is taken away, and the disk is as empty as before it. */
export async function endHalfAdoption(store: Store): Promise<boolean> {
  if (store.get(spaces.adopting, tipKey) === undefined) return false;
  await clear(store);
  await store.batch([{ space: spaces.retention, key: bodiesKey }, mark(undefined)], { sync: true });
  return true;
}

async function writeState(store: Store, state: LedgerState): Promise<void> {
  let rows: StoreOperation[] = [];
  for (const { space } of Object.values(tables)) {
    for (const [key, value] of recordsOf(state, space)) {
      rows.push({ space: spaces.state, key: stateKey(space, key), value });
      if (rows.length < rowsAtOnce) continue;
      await store.batch(rows, { sync: false });
      rows = [];
    }
  }
  await store.batch(rows, { sync: false });
}

function* proofRows({ committee, handOvers, seal }: Adoption): Generator<StoreOperation> {
  yield putCommittee(committee);
  for (const one of [...handOvers.map((handOver) => handOver.seal), seal]) {
    yield { space: spaces.seals, key: bigEndian(one.record.epoch), value: sealCodec.encode(one) };
  }
  for (const handOver of handOvers) yield putCommittee(handOver.committee);
}

/** `alongside` goes into the batch that makes it all count: what the node's other parts keep of the new tip. */
export async function adoptState(
  store: Store,
  adoption: Adoption,
  alongside: readonly StoreOperation[],
): Promise<void> {
  const { header, bytes, finalization, state, postings, seal } = adoption;
  const tip = blockDigest(header);
  await store.batch([mark(tip), { space: spaces.tip, key: tipKey }], { sync: true });
  await clear(store);
  await writeState(store, state);
  const { epoch } = seal.record;
  const rows = postings.map(
    (posting, index): StoreOperation => ({
      space: spaces.postings,
      key: epochKey(epoch, bigEndian(index, 4)),
      value: postingCodec.encode(posting),
    }),
  );
  for (let at = 0; at < rows.length; at += rowsAtOnce)
    await store.batch(rows.slice(at, at + rowsAtOnce), { sync: false });
  const height = bigEndian(header.height);
  const last: readonly StoreOperation[] = [
    ...proofRows(adoption),
    { space: spaces.blocks, key: tip, value: bytes },
    { space: spaces.heights, key: height, value: tip },
    { space: spaces.finalizations, key: height, value: certificateCodec.encode(finalization) },
    ...alongside,
    { space: spaces.tip, key: tipKey, value: tip },
    mark(undefined),
  ];
  await store.batch(last, { sync: true });
}

/** Ids of the public keys that a state names: of accounts, now and soon, and of committees' seats. Each once. */
export function keyIdsOf(state: LedgerState): readonly Digest[] {
  const ids = new Map<string, Digest>();
  const add = (id: Digest): void => {
    if (id.some((byte) => byte !== 0)) ids.set(keyOf(id), digest(id.slice()));
  };
  for (const [, { keyId, nextKeyId }] of eachRecord(state, tables.accounts))
    for (const id of [keyId, nextKeyId]) add(id);
  for (const [, { seats }] of eachRecord(state, tables.committees)) for (const { keyId } of seats) add(keyId);
  return Array.from(ids.values());
}
