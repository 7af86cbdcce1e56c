// What the chain knows at its last final block, for RPC, duties and simulations. Answers only; nothing here changes anything.
import {
  blockTime,
  type CommitteeChain,
  claimKey,
  type DrawnEntry,
  drawnEntries,
  eachRecord,
  isComplete,
  type LedgerState,
  readRecord,
  reportKey,
  reportPartKey,
} from "../../ledger/index.ts";
import type { TermCommittee } from "../../ports/index.ts";
import {
  type AccountId,
  type AssetId,
  type Bytes,
  type Digest,
  digest,
  equalBytes,
  keyOf,
} from "../../primitives/index.ts";
import {
  type AccountState,
  type AssetState,
  type Block,
  blockCodec,
  type Certificate,
  type ChainState,
  type ChallengeWindow,
  chainKey,
  type EpochRecord,
  type Explanation,
  type Genesis,
  type Header,
  numberKey,
  type OperatorState,
  type Parameters,
  type Posting,
  type ReportEntry,
  type ReportState,
  type RewardLeaf,
  tables,
} from "../../schema/index.ts";
import { type AuditDraws, createAuditDraws } from "./audit-draws.ts";
import type { ChainBlock } from "./chain-block.ts";
import type { ChainStore, Part } from "./chain-store.ts";
import { createCertificateMaker, type MakeCertificate, proveTerm } from "./make-certificate.ts";

export interface Head {
  readonly digest: Digest;
  readonly header: Header;
}

/** A term's last block, which is a checkpoint for whoever trusts its digest (section 6). */
export interface TermEnd {
  readonly term: number;
  readonly height: number;
  readonly digest: Digest;
  readonly timestampMs: number;
}

export interface OwedTranscript {
  readonly assetId: AssetId;
  /** Which of the entry's passes was drawn. */
  readonly position: number;
}

export interface Queries extends AuditDraws {
  readonly parameters: Parameters;
  head(): Head;
  /** The whole state at the last final block: for exports, proofs and simulations. */
  state(): LedgerState;
  chain(): ChainState;
  account(id: AccountId): AccountState | undefined;
  operator(id: AccountId): OperatorState | undefined;
  operators(): readonly (readonly [AccountId, OperatorState])[];
  asset(id: AssetId): AssetState | undefined;
  /** Assets with an id above `after`, ascending: decoded as they are walked. */
  assets(after?: AssetId): Iterable<readonly [AssetId, AssetState]>;
  /** The state of an epoch: its beacon and the windows opened so far. */
  beacon(epoch: number): Digest | undefined;
  windows(epoch: number): readonly ChallengeWindow[];
  report(epoch: number, auditor: AccountId): ReportState | undefined;
  /** What an auditor's report says of an asset, as far as it is revealed. */
  reportEntry(epoch: number, auditor: AccountId, asset: AssetId): ReportEntry | undefined;
  /** Drawn passes of a report whose transcripts are not filed yet, each once (P-3). */
  owedTranscripts(epoch: number, auditor: AccountId): readonly OwedTranscript[];
  /** Parts of an asset's service claim of an epoch, from the first on (P-4). */
  claimParts(epoch: number, asset: AssetId): number;
  epochRecord(epoch: number): EpochRecord | undefined;
  rewardTable(epoch: number, part?: Part): Promise<readonly RewardLeaf[]>;
  explain(
    epoch: number,
    assetId: AssetId,
  ): { readonly leaf: RewardLeaf; readonly explanation: Explanation } | undefined;
  /** The file that proves a reward, or why there is none. */
  certificate: MakeCertificate;
  /** The end of a term, proved from genesis or from an earlier term's end, for nodes that join by state (S-11). */
  termProof(term: number, start: "genesis" | Digest): CommitteeChain | undefined;
  /** The last term's end that this node followed or began at: what others may pin. Undefined in term 0. */
  termEnd(): TermEnd | undefined;
  /** The term that a block closes; undefined when it closes none that is known. */
  termClosedBy(block: Digest): number | undefined;
  /** At most `count` of what a settled epoch changes, from number `fromIndex` on, while it is being posted. */
  postings(epoch: number, fromIndex: number, count: number): Promise<readonly Posting[]>;
  /** The lowest height whose body is kept (L-9). */
  bodiesFrom(): number;
  committee(term: number): TermCommittee | undefined;
  publicKey(keyId: Digest): Bytes | undefined;
  block(height: number): Block | undefined;
  digestAt(height: number): Digest | undefined;
  finalization(height: number): Certificate | undefined;
  transactionHeight(id: Digest): number | undefined;
}

interface Basis {
  readonly genesis: Genesis;
  readonly parameters: Parameters;
  readonly store: ChainStore;
  tip(): ChainBlock;
}

const copied = <T extends Bytes>(key: Bytes): T => key.slice() as T;

export function createQueries(basis: Basis): Queries {
  const { parameters: p, store } = basis;
  const state = () => basis.tip().state;
  const draws = createAuditDraws(state, p);

  const owed = (report: ReportState, draw: DrawnEntry, at: number): OwedTranscript | undefined => {
    if (((report.filed >>> at) & 1) === 1) return undefined;
    const key = reportPartKey(report.epoch, report.auditor, draw.part);
    const entry = readRecord(state(), tables.reportParts, key)?.entries[draw.index];
    if (entry === undefined || entry.passed === 0) return undefined;
    return { assetId: entry.assetId, position: draw.position % entry.passed };
  };

  const blockAt = (height: number): Block | undefined => {
    const at = store.digestAt(height);
    const bytes = at === undefined ? undefined : store.block(at);
    const decoded = bytes === undefined ? undefined : blockCodec.decode(bytes);
    return decoded?.ok ? decoded.value : undefined;
  };

  // Blocks that were final before term ends were listed are found by their bodies.
  const termClosed = (at: Digest): number | undefined =>
    store.certificates.termClosedBy(at) ?? termClosedBy(store.block(at), p);
  const sources = {
    genesis: basis.genesis,
    parameters: p,
    chain: store,
    certificates: store.certificates,
    block: blockAt,
    termClosedBy: termClosed,
  };

  return {
    parameters: p,
    state,
    head: () => ({ digest: basis.tip().facts.digest, header: basis.tip().header }),
    chain: () => readRecord(state(), tables.chain, chainKey) as ChainState,
    account: (id) => readRecord(state(), tables.accounts, id),
    operator: (id) => readRecord(state(), tables.operators, id),
    operators: () =>
      Array.from(eachRecord(state(), tables.operators), ([key, value]) => [copied<AccountId>(key), value] as const),
    asset: (id) => readRecord(state(), tables.assets, id),
    *assets(after) {
      for (const [key, value] of eachRecord(state(), tables.assets, after)) yield [copied<AssetId>(key), value];
    },
    beacon: (epoch) => readRecord(state(), tables.epochs, numberKey(epoch))?.beacon,
    windows: (epoch) => readRecord(state(), tables.epochs, numberKey(epoch))?.windows ?? [],
    ...draws,
    report: (epoch, auditor) => readRecord(state(), tables.reports, reportKey(epoch, auditor)),
    reportEntry(epoch, auditor, asset) {
      const parts = readRecord(state(), tables.reports, reportKey(epoch, auditor))?.parts ?? 0;
      for (let part = 0; part < parts; part++) {
        const entries = readRecord(state(), tables.reportParts, reportPartKey(epoch, auditor, part))?.entries ?? [];
        const found = entries.find(({ assetId }) => equalBytes(assetId, asset));
        if (found !== undefined) return found;
      }
      // A settled epoch's reports have left the state; what a reward rests on is kept with it.
      return store.certificates.auditedEntries(epoch, asset).find((one) => equalBytes(one.auditor, auditor))?.entry;
    },
    owedTranscripts(epoch, auditor) {
      const report = readRecord(state(), tables.reports, reportKey(epoch, auditor));
      const reveal = readRecord(state(), tables.epochs, numberKey(epoch + 1))?.drawReveal;
      if (report === undefined || reveal === undefined || reveal.every((byte) => byte === 0) || !isComplete(report))
        return [];
      const draws = drawnEntries(report, reveal, p.transcriptsDrawn);
      const all = draws.flatMap((draw, at) => owed(report, draw, at) ?? []);
      // One transcript answers every draw that hit it.
      const names = all.map(({ assetId, position }) => `${keyOf(assetId)} ${position}`);
      return all.filter((_, at) => names.indexOf(names[at] as string) === at);
    },
    claimParts(epoch, asset) {
      let parts = 0;
      while (readRecord(state(), tables.claims, claimKey(epoch, asset, parts)) !== undefined) parts++;
      return parts;
    },
    epochRecord: (epoch) => readRecord(state(), tables.records, numberKey(epoch)),
    rewardTable: (epoch, part) => store.rewards(epoch, part),
    explain(epoch, assetId) {
      const leaf = store.leaf(epoch, assetId);
      const explanation = store.explanation(epoch, assetId);
      return leaf === undefined || explanation === undefined ? undefined : { leaf, explanation };
    },
    certificate: createCertificateMaker(sources),
    termProof(term, start) {
      const proved = proveTerm(term, start, sources);
      return proved.ok ? proved.value : undefined;
    },
    termEnd() {
      const { header } = basis.tip();
      const height = Math.floor(header.height / (p.termEpochs * p.epochBlocks)) * p.termEpochs * p.epochBlocks;
      const digestOf = height === 0 ? undefined : store.digestAt(height);
      const ended = header.height === height ? header : blockAt(height)?.header;
      if (digestOf === undefined || ended === undefined) return undefined;
      return { term: ended.term, height, digest: digestOf, timestampMs: ended.timestampMs };
    },
    termClosedBy: termClosed,
    postings: (epoch, fromIndex, count) => store.postings(epoch, fromIndex, count),
    bodiesFrom: () => store.retention.bodiesFrom,
    committee(term) {
      const known = readRecord(state(), tables.committees, numberKey(term));
      const beacon = termBeacon(basis, term);
      if (known === undefined || beacon === undefined) return undefined;
      const seats = known.seats.map(({ operator, keyId }) => ({
        operator,
        publicKey: store.publicKey(keyId) as Bytes,
      }));
      return { record: { term, seats }, root: known.root, beacon };
    },
    publicKey: (keyId) => store.publicKey(keyId),
    block: blockAt,
    digestAt: (height) => store.digestAt(height),
    finalization: (height) => store.finalizationAt(height),
    transactionHeight: (id) => store.transactionHeight(id),
  };
}

function termClosedBy(bytes: Bytes | undefined, p: Parameters): number | undefined {
  const decoded = bytes === undefined ? undefined : blockCodec.decode(bytes);
  if (decoded?.ok !== true) return undefined;
  const { height, term } = decoded.value.header;
  return blockTime(height, p).lastOfTerm ? term : undefined;
}

/** The beacon of a term's first epoch orders its leaders (S-12); known from the last block of the term before. */
function termBeacon(basis: Basis, term: number): Digest | undefined {
  const { parameters: p } = basis;
  const first = term * p.termEpochs;
  const { state, header } = basis.tip();
  if (first === 0) return digest(header.networkId.slice());
  const known = readRecord(state, tables.epochs, numberKey(first));
  if (known !== undefined) return known.beacon;
  // Epoch states are forgotten within a long term: the record of the epoch before the term's first keeps its beacon.
  const record = first < 2 ? undefined : readRecord(state, tables.records, numberKey(first - 2));
  const now = header.height === 0 ? 0 : blockTime(header.height, p).term;
  return record === undefined || term > now ? undefined : digest(record.beacon);
}
