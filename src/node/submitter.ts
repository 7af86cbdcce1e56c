// Signs this operator's own transactions, gives each its number, and hands it to the mempool and to gossip.

import type { Log, Signer, Transport } from "../ports/index.ts";
import { type Bytes, FairmeshError, grains } from "../primitives/index.ts";
import type { LedgerApplication } from "../runtime/application/index.ts";
import {
  signedTransactionCodec,
  signingRoot,
  type TransactionBody,
  transactionCodec,
  transactionOf,
} from "../schema/index.ts";

/** Blocks that a transaction of ours waits at most; then its number is free again. */
const lifetimeBlocks = 32;
/** Without a number of ours taken for so many blocks, what we sent before is given up. */
const patienceBlocks = 8;

export interface SubmitterParts {
  readonly application: LedgerApplication;
  readonly signer: Signer;
  readonly transport: Transport;
  readonly log: Log;
}

export class Submitter {
  readonly #parts: SubmitterParts;
  #next = 0;
  #chainNonce = 0;
  #movedHeight = 0;
  /** One at a time: numbers are given in the order of signing. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: SubmitterParts) {
    this.#parts = parts;
  }

  /** Rejects with `TRANSACTION_REJECTED` and the ledger's reason. */
  submit(body: TransactionBody): Promise<void> {
    const run = this.#last.then(() => this.#submit(body));
    this.#last = run.catch(() => {});
    return run;
  }

  async #submit(body: TransactionBody): Promise<void> {
    const { application, signer } = this.#parts;
    const { queries, networkId } = application;
    const account = queries.account(signer.accountId);
    const { height } = queries.head().header;
    this.#follow(account?.nonce ?? 0, height);
    const head = {
      sender: signer.accountId,
      nonce: this.#next,
      tip: grains(0n),
      expiresHeight: height + lifetimeBlocks,
    };
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
    this.#next++;
    await this.spread(bytes);
  }

  /** Tells the network of a transaction that the mempool took. */
  async spread(bytes: Bytes): Promise<void> {
    try {
      await this.#parts.transport.publish("transactions", bytes);
    } catch (cause) {
      this.#parts.log.warn("a transaction could not be gossiped", { cause: String(cause) });
    }
  }

  #follow(chainNonce: number, height: number): void {
    if (chainNonce !== this.#chainNonce || this.#next === chainNonce) {
      this.#chainNonce = chainNonce;
      this.#movedHeight = height;
    }
    const givenUp = height > this.#movedHeight + patienceBlocks;
    this.#next = givenUp ? chainNonce : Math.max(this.#next, chainNonce);
    if (givenUp) this.#movedHeight = height;
  }
}
