// A chain of real blocks over the ledger's application without consensus: one node holds every operator's key, proposes as
// each in turn, and finalizes what it built. Its operators can audit one another honestly, so that epochs pay. For tests of
// the application, of certificates and of whole epochs.
import { cheapSigner, cheapVerifier } from "../../simulation/environment/cheap-signer.ts";
import { accountIdOf, createHashChain, type HashChain, sha256, type Verifier } from "../../src/crypto/index.ts";
import {
  assetIdOf,
  blockTime,
  eachRecord,
  type LedgerState,
  makeGenesis,
  phaseAt,
  readRecord,
  reportCommitment,
} from "../../src/ledger/index.ts";
import type { Signer, Store } from "../../src/ports/index.ts";
import { bitmapOf } from "../../src/primitives/bitmap.ts";
import {
  type AccountId,
  type AssetId,
  type Bytes,
  cellAt,
  compareBytes,
  type Digest,
  equalBytes,
  fair,
  grains,
  utf8ToBytes,
  zeroDigest,
} from "../../src/primitives/index.ts";
import {
  type ApplicationOptions,
  createApplication,
  type LedgerApplication,
} from "../../src/runtime/application/index.ts";
import { reportEntries, transcriptFor } from "../../src/runtime/duties/report.ts";
import {
  type AccountState,
  type AppealState,
  type AssetTerms,
  assetTermsCodec,
  type Block,
  type BlockFacts,
  type Certificate,
  type DrawEntry,
  type Genesis,
  numberKey,
  type Parameters,
  parametersOf,
  type Receipt,
  type ReportEntry,
  receiptCodec,
  reportEntriesCodec,
  signedTransactionCodec,
  signingRoot,
  statementRoot,
  type TransactionBody,
  tables,
  transactionCodec,
  transactionOf,
} from "../../src/schema/index.ts";
import { honestFindings } from "./honest-findings.ts";
import { createMemoryStore } from "./memory-store.ts";

export interface TestOperator {
  readonly signer: Signer;
  readonly account: AccountId;
  /** By generation: a renewal adds one (section 3, Beacon). */
  readonly beacons: HashChain[];
  /** The auditor's chains with the first epoch that each has a secret for. */
  readonly auditors: { readonly chain: HashChain; readonly firstEpoch: number }[];
  /** Alone takes out bonds and rotates the key (I-7); the operator's own account unless the options say otherwise. */
  readonly withdrawal: Signer;
}

export interface TestChainOptions {
  readonly operators?: number;
  readonly parameters?: Partial<Parameters>;
  readonly store?: Store;
  readonly verifier?: Verifier;
  readonly signer?: (label: string) => Signer;
  readonly withdrawal?: (index: number) => Signer;
  /** Held at genesis besides the operators' own. */
  readonly accounts?: readonly AccountId[];
  readonly application?: Pick<ApplicationOptions, "mempool" | "archive" | "breathe">;
  readonly name?: string;
  readonly genesisMs?: number;
  readonly chainLength?: number;
  /** Heights at which a full finalization is signed; everywhere else a stand-in is stored. */
  readonly finalized?: (height: number) => boolean;
}

/** A signer whose account is that of its key, with signatures that cost nothing. */
export const quickSigner = (label: string): Signer => {
  const signer = cheapSigner(label);
  return { ...signer, accountId: accountIdOf(signer.publicKey) };
};

const genesisMs = 1_700_000_000_000;
const chainLengthUsual = 512;
const shortEpochs: Partial<Parameters> = { epochBlocks: 12, beaconChainMin: 512 };

export const testTerms = (kind = 0, units = 8n): AssetTerms => ({
  ...assetTermsCodec.empty(),
  kind,
  units,
  cell: cellAt(52.5, 13.4),
});

export class TestChain {
  readonly genesis: Genesis;
  readonly parameters: Parameters;
  readonly operators: readonly TestOperator[];
  readonly assets: AssetId[] = [];
  readonly refused: string[] = [];
  onSend: ((bytes: Bytes) => void) | undefined;
  /** What some auditors do wrong: entries that they add, reports and transcripts that they never file. */
  extraEntries: ((auditor: number) => readonly ReportEntry[]) | undefined;
  silentReports: readonly number[] = [];
  silentTranscripts: number | undefined;
  app!: LedgerApplication;
  /** Other nodes' applications, which get every transaction too. */
  others: readonly LedgerApplication[] = [];
  readonly #options: TestChainOptions;
  readonly store: Store;
  readonly #nonces = new Map<string, number>();
  readonly #done = new Set<string>();
  #seat = 0;

  private constructor(options: TestChainOptions) {
    this.#options = options;
    this.parameters = { ...parametersOf("devnet"), ...shortEpochs, ...options.parameters };
    this.store = options.store ?? createMemoryStore();
    const chainLength = options.chainLength ?? chainLengthUsual;
    const signerOf = options.signer ?? quickSigner;
    this.operators = Array.from({ length: options.operators ?? 4 }, (_, index): TestOperator => {
      const signer = signerOf(`operator ${index}`);
      const chain = (role: string) => createHashChain(sha256(utf8ToBytes(`${role} ${index}`)), chainLength);
      const auditors = [{ chain: chain("auditor"), firstEpoch: 0 }];
      const withdrawal = options.withdrawal?.(index) ?? signer;
      return { signer, account: signer.accountId, beacons: [chain("beacon")], auditors, withdrawal };
    });
    this.genesis = makeGenesis({
      preset: "devnet",
      name: options.name ?? "test",
      timestampMs: options.genesisMs ?? genesisMs,
      parameters: this.parameters,
      accounts: [...this.operators.map(({ account }) => account), ...(options.accounts ?? [])].map((accountId) => ({
        accountId,
        balance: fair(1000),
      })),
      operators: this.operators.map(({ signer, withdrawal, beacons, auditors }, index) => ({
        publicKey: signer.publicKey,
        withdrawal: withdrawal.accountId,
        bond: fair(100),
        beaconCommitment: (beacons[0] as HashChain).end,
        auditorCommitment: (auditors[0] as TestOperator["auditors"][number]).chain.end,
        chainLength,
        peerId: new Uint8Array(38).fill(index),
        prefix: new Uint8Array(5),
      })),
    });
  }

  static async create(options: TestChainOptions = {}): Promise<TestChain> {
    const chain = new TestChain(options);
    await chain.reopen();
    return chain;
  }

  /** A fresh application on the same store, as after a restart. */
  async reopen(store: Store = this.store): Promise<LedgerApplication> {
    this.app = await this.open(store);
    this.#nonces.clear();
    return this.app;
  }

  open(store: Store): Promise<LedgerApplication> {
    return createApplication({
      genesis: this.genesis,
      store,
      verifier: this.#options.verifier ?? cheapVerifier,
      beacon: { reveal: (generation, index) => this.#leader().beacons[generation]?.preimage(index) },
      ...this.#options.application,
    });
  }

  /** The state at the tip, as the store has it. */
  get state(): LedgerState {
    return this.app.queries.state();
  }

  drawTable(epoch: number): readonly DrawEntry[] {
    return readRecord(this.state, tables.drawTables, numberKey(epoch))?.entries ?? [];
  }

  appeals(): readonly AppealState[] {
    return Array.from(eachRecord(this.state, tables.appeals), ([, appeal]) => appeal);
  }

  /** Numbers of transactions are counted from the ledger again. */
  recount = (): void => this.#nonces.clear();

  accounts(): readonly AccountState[] {
    return Array.from(eachRecord(this.state, tables.accounts), ([, account]) => account);
  }

  get height(): number {
    return this.app.tip().facts.height;
  }

  get nextMs(): number {
    return this.app.tip().facts.timestampMs + this.parameters.blockIntervalMs;
  }

  #leader(): TestOperator {
    const { term } = blockTime(this.height + 1, this.parameters);
    const seat = this.app.committee(term)?.record.seats[this.#seat];
    return this.operators.find(({ account }) => equalBytes(account, seat?.operator ?? zeroDigest)) as TestOperator;
  }

  /** A signed transaction's bytes, with the sender's next nonce unless another is given. */
  async signed(
    signer: Signer,
    body: TransactionBody,
    head: {
      readonly nonce?: number;
      readonly tip?: bigint;
      readonly expires?: number;
      readonly showKey?: boolean;
    } = {},
  ): Promise<Bytes> {
    const key = signer.accountId.join();
    const known = this.#nonces.get(key) ?? this.app.queries.account(signer.accountId)?.nonce ?? 0;
    const nonce = head.nonce ?? known;
    if (head.nonce === undefined) this.#nonces.set(key, nonce + 1);
    const transaction = transactionOf(
      {
        sender: signer.accountId,
        nonce,
        tip: grains(head.tip ?? 0n),
        expiresHeight: head.expires ?? this.height + 100,
      },
      body,
    );
    const root = signingRoot(transactionCodec.root(transaction as never), this.app.networkId, "tx");
    const witness = {
      signature: await signer.sign(root, "tx"),
      publicKey: head.showKey === true ? [signer.publicKey] : [],
    };
    return signedTransactionCodec.encode({ transaction, witness } as never);
  }

  /** Signs and submits; what was refused is remembered in `refused` and answered. */
  async send(signer: Signer, body: TransactionBody): Promise<string | undefined> {
    const known = this.app.queries.account(signer.accountId)?.keyId ?? zeroDigest;
    const showKey = equalBytes(known, zeroDigest) && !this.#nonces.has(signer.accountId.join());
    const bytes = await this.signed(signer, body, { showKey });
    this.onSend?.(bytes);
    const outcome = await this.app.submit(bytes);
    for (const other of this.others) await other.submit(bytes);
    if (outcome.ok) return undefined;
    this.#nonces.delete(signer.accountId.join());
    this.refused.push(`${body.kind}: ${outcome.error}`);
    return outcome.error;
  }

  /** Builds a block as the next seat and commits it. */
  async block(): Promise<Block> {
    const { facts } = await this.build();
    await this.app.commit([facts.digest], await this.finalization(facts), []);
    return this.app.queries.block(facts.height) as Block;
  }

  async build(
    parent: Digest = this.app.tip().facts.digest,
    seat?: number,
  ): Promise<{ facts: BlockFacts; bytes: Bytes }> {
    const { term } = blockTime(this.height + 1, this.parameters);
    this.#seat = seat ?? this.height % (this.app.committee(term)?.record.seats.length ?? 1);
    return this.app.build({ parent, term, seat: this.#seat, nowMs: this.nextMs, parentCertificate: undefined });
  }

  async finalization({ height, term, digest: block }: BlockFacts, quorumLess = 0): Promise<Certificate> {
    const committee = this.app.committee(term);
    if (committee === undefined) throw new Error(`no committee of term ${term}`);
    const { record, root } = committee;
    const statement = { term, committeeRoot: root, view: height, kind: 2, digest: block };
    const size = record.seats.length;
    const quorum = size - Math.floor((size - 1) / 3) - quorumLess;
    const seats = Array.from({ length: quorum }, (_, seat) => seat);
    const signers = bitmapOf(seats, size);
    if (this.#options.finalized?.(height) === false) {
      return { statement, signers, signatures: seats.map(() => new Uint8Array(3309)) };
    }
    const signing = signingRoot(statementRoot(statement), this.app.networkId, "vote");
    const signatures = seats.map((seat) => {
      const { operator } = record.seats[seat] as (typeof record.seats)[number];
      const found = this.operators.find(({ account }) => equalBytes(account, operator)) as TestOperator;
      return found.signer.sign(signing, "vote");
    });
    return { statement, signers, signatures: await Promise.all(signatures) };
  }

  async registerAsset(owner: TestOperator, terms = testTerms(), bond = 10): Promise<AssetId> {
    const label = sha256(utf8ToBytes(`asset ${this.assets.length}`));
    await this.send(owner.signer, { kind: "registerAsset", value: { label, terms, bond: fair(bond) } });
    const id = assetIdOf(owner.account, label);
    this.assets.push(id);
    return id;
  }

  /** Runs to the end of `epoch`, everyone auditing and reporting; `report` may change what an auditor says. */
  async runTo(epoch: number, report: (entry: ReportEntry, auditor: number) => ReportEntry = (entry) => entry) {
    while (this.app.queries.head().header.height < (epoch + 1) * this.parameters.epochBlocks) {
      await this.duties(report);
      await this.block();
    }
  }

  /** What honest auditors send for the next block: commitments, reports and transcripts of the epoch before (P-3). */
  async duties(report: (entry: ReportEntry, auditor: number) => ReportEntry): Promise<void> {
    const time = blockTime(this.height + 1, this.parameters);
    const about = time.epoch - 1;
    const phase = phaseAt(time.offset, this.parameters);
    const step = `${phase} ${about}`;
    if (about < 0 || phase === "settle" || this.#done.has(step)) return;
    this.#done.add(step);
    for (const [index, operator] of this.operators.entries())
      await this.#duty(phase, about, { index, operator, report });
  }

  async #duty(
    phase: "commit" | "reveal" | "transcript",
    epoch: number,
    by: {
      readonly index: number;
      readonly operator: TestOperator;
      readonly report: (entry: ReportEntry, auditor: number) => ReportEntry;
    },
  ): Promise<void> {
    const { signer, account } = by.operator;
    const secret = this.secret(by.operator, epoch);
    const findings = await honestFindings(this, by.operator, epoch);
    const entries = [
      ...reportEntries(findings).map((entry) => by.report(entry, by.index)),
      ...(this.extraEntries?.(by.index) ?? []),
    ].sort((a, b) => compareBytes(a.assetId, b.assetId));
    if (this.silentReports.includes(by.index)) return;
    const partRoots = [reportEntriesCodec.root(entries.slice())];
    const salt = sha256(secret);
    const commitment = reportCommitment(partRoots, salt);
    if (phase === "commit") await this.send(signer, { kind: "reportCommit", value: { epoch, commitment } });
    if (phase === "reveal") {
      const value = { epoch, part: 0, partRoots, salt, secret, entries: entries.slice() };
      await this.send(signer, { kind: "reportReveal", value });
    }
    if (phase !== "transcript" || this.silentTranscripts === by.index) return;
    for (const { assetId, position } of this.app.queries.owedTranscripts(epoch, account)) {
      const transcript = transcriptFor(findings, assetId, position);
      if (transcript !== undefined) await this.send(signer, { kind: "transcript", value: { epoch, transcript } });
    }
  }

  /** The auditor secret of an epoch: one preimage an epoch, from a chain's first epoch on. */
  secret({ auditors }: TestOperator, epoch: number): Digest {
    const { chain, firstEpoch } = auditors.findLast(
      (one) => one.firstEpoch <= epoch,
    ) as TestOperator["auditors"][number];
    return chain.preimage(epoch - firstEpoch);
  }

  /** Files a claim with one receipt of each requester; they are sorted, as the ledger asks. */
  async claim(
    owner: TestOperator,
    assetId: AssetId,
    uses: readonly { readonly by: Signer; readonly units: bigint }[],
    part = 0,
  ): Promise<string | undefined> {
    const epoch = blockTime(this.height + 1, this.parameters).epoch - 1;
    const receipts = await Promise.all(
      uses.map(async ({ by, units }) => {
        const receipt: Receipt = {
          assetId,
          requester: by.accountId,
          provider: owner.account,
          epoch,
          seq: 1,
          units,
          previous: zeroDigest,
        };
        const root = signingRoot(receiptCodec.root(receipt), this.app.networkId, "receipt");
        return { receipt, requesterSignature: await by.sign(root, "receipt") };
      }),
    );
    receipts.sort((a, b) => Buffer.compare(a.receipt.requester, b.receipt.requester));
    return this.send(owner.signer, { kind: "serviceClaim", value: { epoch, assetId, part, receipts } });
  }
}
