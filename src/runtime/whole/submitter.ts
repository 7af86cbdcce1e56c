// Signs this operator's own transactions, gives each its number, and hands it to the mempool and to gossip.

import type { Log, Signer, Transport } from "../../ports/index.ts";
import { type Bytes, FairmeshError, grains } from "../../primitives/index.ts";
import {
  signedTransactionCodec,
  signingRoot,
  type TransactionBody,
  transactionCodec,
  transactionOf,
} from "../../schema/index.ts";
import type { LedgerApplication } from "../application/index.ts";

/** Transactions of ours that wait at once; the mempools of others hold no more of one account. */
const waitingMax = 64;

export interface SubmitterParts {
  readonly application: LedgerApplication;
  readonly signer: Signer;
  readonly transport: Transport;
  readonly log: Log;
}

export class Submitter {
  readonly #parts: SubmitterParts;
  /** Numbers given and not yet taken by the chain, with the last height at which each can be. */
  readonly #waiting = new Map<number, number>();
  /** One at a time: numbers are given in the order of signing. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: SubmitterParts) {
    this.#parts = parts;
  }

  /** A transaction that is of no use after `lastHeight`. Rejects with `TRANSACTION_REJECTED` and the ledger's reason. */
  submit(body: TransactionBody, lastHeight: number): Promise<void> {
    const run = this.#last.then(() => this.#submit(body, lastHeight));
    this.#last = run.catch(() => {});
    return run;
  }

  async #submit(body: TransactionBody, lastHeight: number): Promise<void> {
    const { application, signer } = this.#parts;
    const { queries, networkId } = application;
    const account = queries.account(signer.accountId);
    const nonce = this.#freeNonce(account?.nonce ?? 0, queries.head().header.height);
    const head = { sender: signer.accountId, nonce, tip: grains(0n), expiresHeight: lastHeight };
    const transaction = transactionOf(head, body);
    const root = signingRoot(transactionCodec.root(transaction as never), networkId, "tx");
    const known = account?.keyId.some((byte) => byte !== 0) === true;
    const witness = { signature: await signer.sign(root, "tx"), publicKey: known ? [] : [signer.publicKey] };
    const bytes = signedTransactionCodec.encode({ transaction, witness } as never);
    const outcome = await application.submit(bytes);
    if (!outcome.ok) {
      throw new FairmeshError("TRANSACTION_REJECTED", `${body.kind} was refused: ${outcome.error}`, {
        fields: { reason: outcome.error },
      });
    }
    this.#waiting.set(nonce, lastHeight);
    await this.spread(bytes);
  }

  /** The lowest number that neither the chain nor a transaction of ours that can still be taken holds. */
  #freeNonce(chainNonce: number, height: number): number {
    for (const [nonce, lastHeight] of this.#waiting) {
      if (nonce < chainNonce || lastHeight <= height) this.#waiting.delete(nonce);
    }
    if (this.#waiting.size >= waitingMax) {
      throw new FairmeshError("TRANSACTION_REJECTED", "too many transactions of this node wait for a block");
    }
    const { application, signer } = this.#parts;
    let nonce = chainNonce;
    // The operator may have signed one elsewhere, which waits here, too.
    for (let before = -1; before !== nonce; ) {
      before = nonce;
      nonce = application.mempool.nextNonce(signer.accountId, nonce);
      while (this.#waiting.has(nonce)) nonce++;
    }
    return nonce;
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
