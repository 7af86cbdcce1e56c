// Signing a transaction away from the node, and following it until it is final. The key never leaves the caller.
import type { Purpose } from "../crypto/index.ts";
import {
  type AccountId,
  type Bytes,
  type Digest,
  formatAddress,
  fromHex,
  type Grains,
  grains,
  networkId,
  toHex,
} from "../primitives/index.ts";
import {
  signedTransactionCodec,
  signingRoot,
  type TransactionBody,
  transactionCodec,
  transactionOf,
} from "../schema/index.ts";
import { ClientError } from "./client-error.ts";
import type { Client } from "./create-client.ts";
import type { TransactionStatus } from "./methods.ts";

/** Whoever signs: the port's Signer fits, and so does a wallet. */
export interface TransactionSigner {
  readonly accountId: AccountId;
  readonly publicKey: Bytes;
  sign(root: Digest, purpose: Purpose): Promise<Bytes>;
}

export interface SendOptions {
  readonly signer: TransactionSigner;
  readonly body: TransactionBody;
  /** Paid to the proposer above the fee. */
  readonly tip?: Grains;
  /** Blocks within which it can be taken. */
  readonly blocks?: number;
}

export interface SentTransaction {
  readonly id: string;
  /** No block above this height takes it. */
  readonly expiresHeight: number;
}

const defaultBlocks = 128;
/** What the account's own node may have sent meanwhile took the nonce: another is asked for. */
const nonceTaken: readonly unknown[] = ["replacement-underpriced", "nonce-too-low"];
const sendTriesMax = 5;

/**
 * Signs and submits, again with the next nonce while someone else who signs for the account (its own node) is quicker; needs a
 * token with scope `write`. Rejects with ClientError, whose `reason` is the ledger's.
 */
export async function sendTransaction(client: Client, options: SendOptions): Promise<SentTransaction> {
  for (let tries = 1; ; tries++) {
    try {
      return await sendOnce(client, options);
    } catch (error) {
      const again = error instanceof ClientError && nonceTaken.includes(error.reason) && tries < sendTriesMax;
      if (!again) throw error;
    }
  }
}

async function sendOnce(client: Client, options: SendOptions): Promise<SentTransaction> {
  const { signer, body, tip = grains(0n), blocks = defaultBlocks } = options;
  const account = formatAddress(signer.accountId);
  const status = await client.request("node_status");
  const { nonce, nextNonce, keyKnown } = await client.request("account_get", { account });
  const expiresHeight = status.height + blocks;
  const transaction = transactionOf({ sender: signer.accountId, nonce: nextNonce, tip, expiresHeight }, body);
  const root = signingRoot(transactionCodec.root(transaction as never), networkId(fromHex(status.networkId)), "tx");
  // The key is shown with the account's first transaction only (I-4).
  const publicKey = !keyKnown && nextNonce === nonce ? [signer.publicKey] : [];
  const witness = { signature: await signer.sign(root, "tx"), publicKey };
  const bytes = signedTransactionCodec.encode({ transaction, witness } as never);
  const { id } = await client.request("tx_submit", { transaction: `0x${toHex(bytes)}` });
  return { id, expiresHeight };
}

/** Settles when the transaction is final. Rejects with ClientError when it can be no more. */
export async function waitForTransaction(
  client: Client,
  sent: SentTransaction,
  { signal, everyMs = 500 }: { readonly signal?: AbortSignal; readonly everyMs?: number } = {},
): Promise<TransactionStatus> {
  for (;;) {
    signal?.throwIfAborted();
    const { height } = await client.request("node_status");
    const status = await client.request("tx_get", { id: sent.id }).catch((error: unknown) => {
      if (error instanceof ClientError && error.reason === "transaction-not-found") return undefined;
      throw error;
    });
    if (status?.status === "final") return status;
    if (height > sent.expiresHeight) {
      throw new ClientError("RPC_FAILED", "no block took the transaction before it expired", { reason: "expired" });
    }
    await new Promise((wake) => setTimeout(wake, everyMs));
  }
}
