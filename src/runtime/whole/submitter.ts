// Signs this operator's own transactions, gives each its number, and hands it to the mempool and to gossip. An account's
// transactions are executed in the order of their numbers: when the state has changed so that the lowest one can no longer be
// executed, nothing behind it can, until it expires. So at each final block the lowest is tried, and replaced if need be.
// Never gives a body that was sent a second number: both could be executed.

import { blockTime, isEarly } from "../../ledger/index.ts";
import type { Log, Signer, Transport } from "../../ports/index.ts";
import { type Bytes, FairmeshError, type Grains, grains, maxBigint, minBigint } from "../../primitives/index.ts";
import {
  signatureBytes,
  signedTransactionCodec,
  signingRoot,
  type TransactionBody,
  transactionCodec,
  transactionOf,
} from "../../schema/index.ts";
import { type LedgerApplication, replacementTip, type Stop, type SubmitRefusal } from "../application/index.ts";

/** Transactions of ours that wait at once; the mempools of others hold no more of one account. */
const waitingMax = 64;

/**
 * What the chain has not taken for so long is gossiped again: there may have been no peers, or none that had room. More often
 * would be of no use: gossip passes a message on once in two minutes.
 */
const spreadAgainBlocks = 64;

/** While others' transactions fill blocks, ours pay more after so many in which they were not taken: four times as much. */
const raiseAfterBlocks = 4;
/** What a node pays for a byte of its own transactions at most, without being asked: 0.0005 FAIR for 5 KB. */
const tipPerByteMax = 100n;
const raised = (tip: bigint): bigint => maxBigint(tip * 4n, replacementTip(tip));

/** The transaction is sound, and its signature or shown key is not of this state's: signed anew, it is. */
const witnessReasons: ReadonlySet<string> = new Set(["key-unwanted", "key-missing", "signature-wrong"]);

export interface SubmitterParts {
  readonly application: LedgerApplication;
  readonly signer: Signer;
  readonly transport: Transport;
  readonly log: Log;
}

interface Sent {
  readonly nonce: number;
  readonly tip: Grains;
  readonly body: TransactionBody;
  /** The last height at which it can be executed. */
  readonly lastHeight: number;
}

interface Spread {
  readonly bytes: Bytes;
  /** When it was gossiped last, and when it was given its tip. */
  readonly spreadHeight: number;
  readonly pricedHeight: number;
}

export class Submitter {
  readonly #parts: SubmitterParts;
  /** Sent and not yet taken by the chain, by number. */
  readonly #waiting = new Map<number, Sent & Spread>();
  /** One at a time: numbers are given in the order of signing. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: SubmitterParts) {
    this.#parts = parts;
  }

  /** A transaction that is of no use after `lastHeight`. Rejects with `TRANSACTION_REJECTED` and the ledger's reason. */
  submit(body: TransactionBody, lastHeight: number): Promise<void> {
    return this.#inTurn(async () => {
      const nonce = this.#freeNonce();
      const refused = await this.#sendPaying({ nonce, body, lastHeight });
      if (refused === undefined) return;
      throw new FairmeshError("TRANSACTION_REJECTED", `${body.kind} was refused: ${refused}`, {
        fields: { reason: refused },
      });
    });
  }

  /** After each final block: lets what waits go on, when what stands before it can no longer be executed. */
  onBlock(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#free();
      await this.#raise();
      await this.#spreadAgain();
    });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const run = this.#last.then(work);
    this.#last = run.catch(() => {});
    return run;
  }

  /** The account's number on the chain; what it has passed or what has expired waits no more. */
  #chainNonce(): number {
    const { application, signer } = this.#parts;
    const nonce = application.queries.account(signer.accountId)?.nonce ?? 0;
    const { height } = application.queries.head().header;
    for (const [number, { lastHeight }] of this.#waiting) {
      if (number < nonce || lastHeight <= height) this.#waiting.delete(number);
    }
    return nonce;
  }

  /** The lowest number that neither the chain nor a transaction of ours that can still be taken holds. */
  #freeNonce(): number {
    let nonce = this.#chainNonce();
    if (this.#waiting.size >= waitingMax) {
      throw new FairmeshError("TRANSACTION_REJECTED", "too many transactions of this node wait for a block");
    }
    const { application, signer } = this.#parts;
    // The operator may have signed one elsewhere, which waits here, too.
    for (let before = -1; before !== nonce; ) {
      before = nonce;
      nonce = application.mempool.nextNonce(signer.accountId, nonce);
      while (this.#waiting.has(nonce)) nonce++;
    }
    return nonce;
  }

  async #free(): Promise<void> {
    for (let turn = 0; turn < waitingMax; turn++) {
      this.#chainNonce();
      const stop =
        this.#waiting.size === 0 ? undefined : await this.#parts.application.stopOf(this.#parts.signer.accountId);
      if (stop === undefined || !(await this.#mend(stop))) return;
    }
  }

  /**
   * Where more waits than half a block holds, what could be executed and is not taken pays more, in order, up to a bound: else whoever
   * fills blocks for next to nothing would keep every report, claim and piece of evidence out of them.
   */
  async #raise(): Promise<void> {
    const { application } = this.#parts;
    const { parameters: p, mempool, queries } = application;
    if (this.#waiting.size === 0 || mempool.bytes < p.blockBytesMax / 2) return;
    const { height } = queries.head().header;
    for (let nonce = this.#chainNonce(); ; nonce++) {
      const sent = this.#waiting.get(nonce);
      if (sent === undefined || isEarly(sent.body, blockTime(height + 1, p), p)) return;
      if (height < sent.pricedHeight + raiseAfterBlocks) continue;
      const most = tipPerByteMax * BigInt(sent.bytes.length);
      const tip = minBigint(most, raised(sent.tip));
      if (tip < replacementTip(sent.tip)) continue;
      if ((await this.#send({ ...sent, tip: grains(tip) })) !== undefined) return;
    }
  }

  async #spreadAgain(): Promise<void> {
    this.#chainNonce();
    const { height } = this.#parts.application.queries.head().header;
    for (const sent of [...this.#waiting.values()]) {
      if (height < sent.spreadHeight + spreadAgainBlocks) continue;
      this.#waiting.set(sent.nonce, { ...sent, spreadHeight: height });
      await this.spread(sent.bytes);
    }
  }

  /**
   * What the mempool lost of ours is handed to it again; what only needs another signature is signed anew. What can no longer be
   * executed is replaced by a transaction that does nothing, when something of ours waits behind it. A replacement pays the tip
   * for which other nodes take it. True when those behind may go on.
   */
  async #mend({ nonce, transaction, refused }: Stop): Promise<boolean> {
    const { signer, log } = this.#parts;
    const own = this.#waiting.get(nonce);
    if (transaction === undefined && own !== undefined && (await this.#offer(own)) === undefined) return true;
    const held = transaction?.transaction.tip ?? own?.tip;
    const tip = grains(held === undefined ? 0n : replacementTip(held));
    const unsigned = refused !== undefined && witnessReasons.has(refused);
    if (own !== undefined && unsigned && (await this.#send({ ...own, tip })) === undefined) return true;
    const behind = [...this.#waiting.values()].filter((one) => one.nonce > nonce);
    if (behind.length === 0) return false;
    const body: TransactionBody = { kind: "transfer", value: { to: signer.accountId, amount: grains(1n) } };
    const lastHeight = Math.max(...behind.map((one) => one.lastHeight));
    const problem = await this.#send({ nonce, tip, body, lastHeight });
    log.warn("a transaction can no longer be executed, and is replaced so that those behind it go on", {
      ...{ nonce, kind: own?.body.kind, reason: refused ?? "missing", problem },
    });
    return problem === undefined;
  }

  /** Sends it for nothing more than the fee or, where mempools are full, for the least tip within our bound that is enough. */
  async #sendPaying(sent: Omit<Sent, "tip">): Promise<SubmitRefusal | undefined> {
    const { accountId: sender } = this.#parts.signer;
    const head = { sender, nonce: sent.nonce, tip: grains(0n), expiresHeight: sent.lastHeight };
    const most =
      tipPerByteMax * BigInt(transactionCodec.encode(transactionOf(head, sent.body)).length + signatureBytes);
    let refused = await this.#send({ ...sent, tip: grains(0n) });
    for (let tip = raised(0n); refused === "pool-full" && tip <= most; tip = raised(tip)) {
      refused = await this.#send({ ...sent, tip: grains(tip) });
    }
    return refused;
  }

  /** Signs a transaction and hands it on; why the mempool did not take it. */
  async #send(sent: Sent): Promise<SubmitRefusal | undefined> {
    const { application, signer } = this.#parts;
    const { nonce, tip, body, lastHeight } = sent;
    const head = { sender: signer.accountId, nonce, tip, expiresHeight: lastHeight };
    const transaction = transactionOf(head, body);
    const root = signingRoot(transactionCodec.root(transaction as never), application.networkId, "tx");
    const known = application.queries.account(signer.accountId)?.keyId.some((byte) => byte !== 0) === true;
    const witness = { signature: await signer.sign(root, "tx"), publicKey: known ? [] : [signer.publicKey] };
    const bytes = signedTransactionCodec.encode({ transaction, witness } as never);
    return this.#offer({ nonce, tip, body, lastHeight, bytes });
  }

  async #offer(sent: Sent & { readonly bytes: Bytes }): Promise<SubmitRefusal | undefined> {
    const { application } = this.#parts;
    const outcome = await application.submit(sent.bytes);
    if (!outcome.ok) return outcome.error;
    const { height } = application.queries.head().header;
    this.#waiting.set(sent.nonce, { ...sent, spreadHeight: height, pricedHeight: height });
    await this.spread(sent.bytes);
    return undefined;
  }

  /** Tells the network of a transaction that the mempool took. */
  async spread(bytes: Bytes): Promise<void> {
    try {
      await this.#parts.transport.publish("transactions", bytes);
    } catch (cause) {
      this.#parts.log.warn("a transaction could not be gossiped", { cause: String(cause) });
    }
  }
}
