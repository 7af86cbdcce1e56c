// A chain of real blocks over the ledger's application without consensus: one node holds every operator's key, proposes as
// each in turn, and finalizes what it built. Its operators can audit one another honestly, so that epochs pay. For tests of
// the application, of certificates and of whole epochs.
import { cheapSigner, cheapVerifier } from "../../simulation/environment/cheap-signer.ts";
import { accountIdOf, createHashChain, type HashChain, sha256, type Verifier } from "../../src/crypto/index.ts";
import {
  assetIdOf,
  blockTime,
  challengeNonce,
  makeGenesis,
  phaseAt,
  reportCommitment,
} from "../../src/ledger/index.ts";
import type { Signer, Store } from "../../src/ports/index.ts";
import { bitmapOf } from "../../src/primitives/bitmap.ts";
import {
  type AccountId,
  type AssetId,
  type Bytes,
  cellAt,
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
import type { StoredFinding } from "../../src/runtime/duties/findings.ts";
import { reportEntries, transcriptFor } from "../../src/runtime/duties/report.ts";
import {
  type AssetTerms,
  assetTermsCodec,
  type Block,
  type BlockFacts,
  type Certificate,
  challengeCodec,
  type Genesis,
  type Parameters,
  parametersOf,
  type Receipt,
  type ReportEntry,
  receiptCodec,
  reportEntriesCodec,
  responseCodec,
  signedTransactionCodec,
  signingRoot,
  statementRoot,
  type TransactionBody,
  transactionCodec,
  transactionOf,
} from "../../src/schema/index.ts";
import { createMemoryStore } from "./memory-store.ts";

export interface TestOperator {
  readonly signer: Signer;
  readonly account: AccountId;
  readonly beacon: HashChain;
  readonly auditor: HashChain;
}

export interface TestChainOptions {
  readonly operators?: number;
  readonly parameters?: Partial<Parameters>;
  readonly store?: Store;
  readonly verifier?: Verifier;
  readonly signer?: (label: string) => Signer;
  readonly mempool?: ApplicationOptions["mempool"];
  readonly name?: string;
  readonly genesisMs?: number;
  /** Heights at which a full finalization is signed; everywhere else a stand-in is stored. */
  readonly finalized?: (height: number) => boolean;
}

/** A signer whose account is that of its key, with signatures that cost nothing. */
export const quickSigner = (label: string): Signer => {
  const signer = cheapSigner(label);
  return { ...signer, accountId: accountIdOf(signer.publicKey) };
};

const genesisMs = 1_700_000_000_000;
const chainLength = 512;
export const shortEpochs: Partial<Parameters> = { epochBlocks: 12, beaconChainMin: 512 };

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
  app!: LedgerApplication;
  readonly #options: TestChainOptions;
  readonly #store: Store;
  readonly #nonces = new Map<string, number>();
  readonly #done = new Set<string>();
  #seat = 0;

  private constructor(options: TestChainOptions) {
    this.#options = options;
    this.parameters = { ...parametersOf("devnet"), ...shortEpochs, ...options.parameters };
    this.#store = options.store ?? createMemoryStore();
    const signerOf = options.signer ?? quickSigner;
    this.operators = Array.from({ length: options.operators ?? 4 }, (_, index): TestOperator => {
      const signer = signerOf(`operator ${index}`);
      const chain = (role: string) => createHashChain(sha256(utf8ToBytes(`${role} ${index}`)), chainLength);
      return { signer, account: signer.accountId, beacon: chain("beacon"), auditor: chain("auditor") };
    });
    this.genesis = makeGenesis({
      preset: "devnet",
      name: options.name ?? "test",
      timestampMs: options.genesisMs ?? genesisMs,
      parameters: this.parameters,
      accounts: this.operators.map(({ account }) => ({ accountId: account, balance: fair(1000) })),
      operators: this.operators.map(({ signer, account, beacon, auditor }, index) => ({
        publicKey: signer.publicKey,
        withdrawal: account,
        bond: fair(100),
        beaconCommitment: beacon.end,
        auditorCommitment: auditor.end,
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
  async reopen(store: Store = this.#store): Promise<LedgerApplication> {
    this.app = await this.open(store);
    this.#nonces.clear();
    return this.app;
  }

  open(store: Store): Promise<LedgerApplication> {
    return createApplication({
      genesis: this.genesis,
      store,
      verifier: this.#options.verifier ?? cheapVerifier,
      beacon: { reveal: (_, index) => this.#leader().beacon.preimage(index) },
      ...(this.#options.mempool === undefined ? {} : { mempool: this.#options.mempool }),
    });
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
    const outcome = await this.app.submit(await this.signed(signer, body));
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
    const findings = await this.findings(by.operator, epoch);
    const entries = reportEntries(findings).map((entry) => by.report(entry, by.index));
    const partRoots = [reportEntriesCodec.root(entries.slice())];
    const salt = sha256(secret);
    const commitment = reportCommitment(partRoots, salt);
    if (phase === "commit") await this.send(signer, { kind: "reportCommit", value: { epoch, commitment } });
    if (phase === "reveal") {
      const value = { epoch, part: 0, partRoots, salt, secret, entries: entries.slice() };
      await this.send(signer, { kind: "reportReveal", value });
    }
    if (phase !== "transcript") return;
    for (const { assetId, position } of this.app.queries.owedTranscripts(epoch, account)) {
      const transcript = transcriptFor(findings, assetId, position);
      if (transcript !== undefined) await this.send(signer, { kind: "transcript", value: { epoch, transcript } });
    }
  }

  /** The auditor secret of an epoch: one preimage an epoch, from genesis on. */
  secret({ auditor }: TestOperator, epoch: number): Digest {
    return auditor.preimage(epoch);
  }

  /** Each window's audit of each asset that was drawn for this auditor, passed with all registered units. */
  async findings(auditor: TestOperator, epoch: number): Promise<readonly StoredFinding[]> {
    const { queries } = this.app;
    const found: StoredFinding[] = [];
    for (const assetId of queries.assignedTo(epoch, auditor.account)) {
      const asset = queries.asset(assetId);
      const owner = this.operators.find(({ account }) => equalBytes(account, asset?.owner ?? zeroDigest));
      if (asset === undefined || owner === undefined) continue;
      for (const { window, reveal } of queries.windows(epoch).filter(({ kind }) => kind === asset.terms.kind)) {
        const transcript = await this.#transcript(
          { epoch, window, reveal, kind: asset.terms.kind, assetId },
          auditor,
          owner,
        );
        found.push({
          epoch,
          assetId,
          window,
          passed: true,
          measured: asset.terms.units,
          latencyMs: 5,
          transcript: [transcript],
        });
      }
    }
    return found;
  }

  async #transcript(
    of: { epoch: number; window: number; reveal: Digest; kind: number; assetId: AssetId },
    auditor: TestOperator,
    owner: TestOperator,
  ) {
    const { epoch, window, reveal, kind, assetId } = of;
    const secret = this.secret(auditor, epoch);
    const nonce = challengeNonce({ reveal, secret, assetId, auditor: auditor.account, index: 0 });
    const challenge = { epoch, kind, window, index: 0, assetId, auditor: auditor.account, nonce };
    const response = { challengeRoot: challengeCodec.root(challenge), prover: owner.account, answerRoot: nonce };
    const sign = (signer: Signer, root: Digest, purpose: "challenge" | "response") =>
      signer.sign(signingRoot(root, this.app.networkId, purpose), purpose);
    return {
      challenge,
      challengeSignature: await sign(auditor.signer, response.challengeRoot, "challenge"),
      response,
      responseSignature: await sign(owner.signer, responseCodec.root(response), "response"),
      position: 0,
      siblings: [],
      answer: new Uint8Array(0),
    };
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
