// What a node keeps so that it can prove a reward later (section 6): the seal of each settled epoch, the record of each
// committee, an anchor at each term's end, and behind each reward its audit entries and where its claims stand. Written in
// the batch of the commit that makes them final (S-7); seals at term ends, committees and anchors are kept for good (L-9).
import { prove, readRecord } from "../../ledger/index.ts";
import type { Store, StoreOperation } from "../../ports/index.ts";
import {
  type AssetId,
  type Bytes,
  bigEndian,
  concatBytes,
  type Digest,
  fromBigEndian,
  invariant,
} from "../../primitives/index.ts";
import {
  type Anchor,
  type AuditedEntry,
  anchorCodec,
  auditedEntriesCodec,
  blockDigest,
  bodyOf,
  type Certificate,
  type CommitteeRecord,
  committeeCodec,
  numberKey,
  type Parameters,
  type Seal,
  sealCodec,
  sealHeadersMax,
  type Transaction,
  tables,
} from "../../schema/index.ts";
import type { ChainBlock } from "./chain-block.ts";
import { epochKey, applicationSpaces as spaces } from "./spaces.ts";

type PublicKeys = (keyId: Digest) => Bytes | undefined;

/** The record behind a term's committee in a state. */
function committeeRecord(state: ChainBlock["state"], term: number, publicKey: PublicKeys): CommitteeRecord | undefined {
  const known = readRecord(state, tables.committees, numberKey(term));
  if (known === undefined) return undefined;
  const seats = known.seats.map(({ operator, keyId }) => {
    const key = publicKey(keyId);
    invariant(key !== undefined, "the chain knows the key of a seat", { term });
    return { operator, publicKey: key };
  });
  return { term, seats };
}

export const putCommittee = (record: CommitteeRecord): StoreOperation => ({
  space: spaces.committeeRecords,
  key: bigEndian(record.term),
  value: committeeCodec.encode(record),
});

/** Genesis names the committees of terms 0 and 1. */
export const foundingOperations = (state: ChainBlock["state"], publicKey: PublicKeys): readonly StoreOperation[] =>
  [0, 1].flatMap((term) => committeeRecord(state, term, publicKey) ?? []).map(putCommittee);

/** Whether the record of `epoch` stands in the last block of a term: then its seal is a hand-over. */
const endsTerm = (epoch: number, p: Parameters): boolean => (epoch + 2) % p.termEpochs === 0;

export class CertificateStore {
  readonly #store: Store;
  readonly #parameters: Parameters;

  constructor(store: Store, parameters: Parameters) {
    this.#store = store;
    this.#parameters = parameters;
  }

  #value<T>(codec: { decode(bytes: Bytes): { ok: true; value: T } | { ok: false } }, space: string, key: Bytes) {
    const bytes = this.#store.get(space, key);
    const decoded = bytes === undefined ? undefined : codec.decode(bytes);
    invariant(decoded?.ok !== false, "what was stored decodes", { space });
    return decoded?.value;
  }

  seal(epoch: number): Seal | undefined {
    return this.#value(sealCodec, spaces.seals, bigEndian(epoch));
  }

  committee(term: number): CommitteeRecord | undefined {
    return this.#value(committeeCodec, spaces.committeeRecords, bigEndian(term));
  }

  /** The term that a block closes; undefined when it closes none that is known. */
  termClosedBy(block: Digest): number | undefined {
    const term = this.#store.get(spaces.termEnds, block);
    return term === undefined ? undefined : Number(fromBigEndian(term));
  }

  /** The last block of `anchorTerm` with the committee of `term` in its state, which is one or two terms later. */
  anchor(anchorTerm: number, term: number): Anchor | undefined {
    return this.#value(anchorCodec, spaces.anchors, concatBytes(bigEndian(anchorTerm), bigEndian(term)));
  }

  auditedEntries(epoch: number, asset: AssetId): readonly AuditedEntry[] {
    return this.#value(auditedEntriesCodec, spaces.audits, epochKey(epoch, asset)) ?? [];
  }

  /** Heights of the blocks that hold an asset's claims of an epoch, by part. */
  async claimHeights(epoch: number, asset: AssetId): Promise<readonly number[]> {
    const heights: number[] = [];
    const from = epochKey(epoch, asset);
    for await (const [, height] of this.#store.range(spaces.claims, from, concatBytes(from, Uint8Array.of(255)), 256)) {
      heights.push(Number(fromBigEndian(height)));
    }
    return heights;
  }

  /** What the block at `index` of a chain that `finalization` makes final adds. */
  *operations(chain: readonly ChainBlock[], index: number, finalization: Certificate): Generator<StoreOperation> {
    const block = chain[index] as ChainBlock;
    yield* claimOperations(block);
    if (block.record !== undefined) {
      const headers = chain.slice(index, index + sealHeadersMax).map(({ header }) => header);
      const seal = { record: block.record, headers, finalization };
      // A longer way to the next finalization fits no certificate; the epochs before and after are not concerned.
      if (chain.length - index <= sealHeadersMax) {
        yield { space: spaces.seals, key: bigEndian(block.record.epoch), value: sealCodec.encode(seal) };
      }
    }
    if (!block.facts.lastOfTerm) return;
    const shown = new Map(chain.flatMap(({ keys }) => keys.map(([id, key]) => [id.join(), key] as const)));
    yield* this.termOperations(block, (id) => shown.get(id.join()) ?? this.#store.get(spaces.keys, id));
  }

  /** What a term's last block adds: the committees that its state names, with anchors to begin from. */
  *termOperations(
    { header, state }: Pick<ChainBlock, "header" | "state">,
    publicKey: PublicKeys,
  ): Generator<StoreOperation> {
    const { term } = header;
    yield { space: spaces.termEnds, key: blockDigest(header), value: bigEndian(term) };
    for (const later of [term + 1, term + 2]) {
      const record = committeeRecord(state, later, publicKey);
      if (record !== undefined) yield putCommittee(record);
      const committee = readRecord(state, tables.committees, numberKey(later));
      if (committee === undefined) continue;
      const proof = prove(state, tables.committees, numberKey(later));
      yield {
        space: spaces.anchors,
        key: concatBytes(bigEndian(term), bigEndian(later)),
        value: anchorCodec.encode({ header, committee, proof }),
      };
    }
  }

  /** What is let go of an epoch that is too old to be proved; the seals of term ends stay. */
  async *outdated(epoch: number): AsyncGenerator<StoreOperation> {
    if (epoch < 0) return;
    if (!endsTerm(epoch, this.#parameters)) yield { space: spaces.seals, key: bigEndian(epoch) };
    for (const space of [spaces.audits, spaces.claims]) {
      for await (const [key] of this.#store.range(space, bigEndian(epoch), bigEndian(epoch + 1), 4_000_000)) {
        yield { space, key };
      }
    }
  }
}

function* claimOperations(block: ChainBlock): Generator<StoreOperation> {
  for (const transaction of block.block?.transactions ?? []) {
    const body = bodyOf(transaction as Transaction);
    if (body.kind !== "serviceClaim") continue;
    const { epoch, assetId, part } = body.value;
    const key = concatBytes(epochKey(epoch, assetId), Uint8Array.of(part));
    yield { space: spaces.claims, key, value: bigEndian(block.facts.height) };
  }
}
