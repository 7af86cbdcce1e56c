// Transactions (L-5). A transaction's body is one of a fixed list of kinds; kind and selector are the same thing,
// so a kind's place in `transactionKinds` is its number on the wire and never changes.
import { ContainerType, UnionType, type ValueOf } from "@chainsafe/ssz";
import { assetTermsType } from "./asset.ts";
import { receiptsMax, reportEntriesMax, reportEntryType, signedReceiptType, transcriptType } from "./audit.ts";
import {
  accountIdType,
  assetIdType,
  byteList,
  digestType,
  grainsType,
  listOf,
  optionalOf,
  prefixType,
  publicKeyType,
  signatureType,
  uint8Type,
  uint16Type,
  uint64Type,
  uintType,
} from "./basic.ts";
import { codec } from "./codec.ts";
import { evidenceType } from "./consensus.ts";

/** A transaction other than a report part, a claim part or a transcript has at most 16 KiB (L-3). */
export const transactionBytesMax = 16 << 10;
export const longTransactionBytesMax = 256 << 10;

const beaconCommitments = {
  /** The end of the chain whose preimages this operator reveals as a leader. */
  beaconCommitment: digestType,
  /** The end of the chain whose preimages make an auditor's challenges unpredictable (P-2). */
  auditorCommitment: digestType,
  chainLength: uintType,
};

export const transactionBodies = {
  transfer: new ContainerType({ to: accountIdType, amount: grainsType }),
  registerOperator: new ContainerType({ bond: grainsType, withdrawal: accountIdType, ...beaconCommitments }),
  renewBeacon: new ContainerType(beaconCommitments),
  /** Sent by the withdrawal account (I-7). */
  rotateKey: new ContainerType({ operator: accountIdType, publicKey: publicKeyType }),
  bindNode: new ContainerType({ peerId: byteList(64), prefix: prefixType, seq: uintType }),
  /** An asset id of zero means the operator's own bond. */
  bond: new ContainerType({ operator: accountIdType, assetId: assetIdType, amount: grainsType }),
  /** Sent by the withdrawal account (I-7). */
  unbond: new ContainerType({ operator: accountIdType, assetId: assetIdType, amount: grainsType }),
  /** The asset's id is made from its owner and this label: known, and sealed from, long before it is registered. */
  registerAsset: new ContainerType({ label: digestType, terms: assetTermsType, bond: grainsType }),
  updateAsset: new ContainerType({ assetId: assetIdType, terms: assetTermsType }),
  retireAsset: new ContainerType({ assetId: assetIdType }),
  /** H(roots of the report's parts in order, salt), filed in the first third (P-3). */
  reportCommit: new ContainerType({ epoch: uintType, commitment: digestType }),
  reportReveal: new ContainerType({
    epoch: uintType,
    part: uint8Type,
    /** The root of each part's entries, this one's too: what was committed to. */
    partRoots: listOf(digestType, 32),
    salt: digestType,
    /** The preimage of the auditor's chain that this epoch's nonces came from. */
    secret: digestType,
    entries: listOf(reportEntryType, reportEntriesMax),
  }),
  serviceClaim: new ContainerType({
    epoch: uintType,
    assetId: assetIdType,
    /** Counted from 0; requesters ascend through all parts, so that none counts twice. */
    part: uint8Type,
    receipts: listOf(signedReceiptType, receiptsMax),
  }),
  transcript: new ContainerType({ epoch: uintType, transcript: transcriptType }),
  appeal: new ContainerType({ epoch: uintType, assetId: assetIdType, deposit: grainsType }),
  openLease: new ContainerType({
    assetId: assetIdType,
    units: uint64Type,
    pricePerUnitEpoch: grainsType,
    epochs: uintType,
    escrow: grainsType,
    dataRoot: digestType,
    offerRoot: digestType,
  }),
  settleLease: new ContainerType({ leaseId: digestType, epoch: uintType }),
  closeLease: new ContainerType({ leaseId: digestType, reason: uint16Type }),
  propose: new ContainerType({
    subject: byteList(64),
    parameter: uint16Type,
    value: uint64Type,
    deposit: grainsType,
    text: byteList(1024),
  }),
  vote: new ContainerType({ proposalId: digestType, choice: uint8Type }),
  evidence: new ContainerType({ evidence: evidenceType }),
} as const;

export type TransactionKind = keyof typeof transactionBodies;
type Bodies = { readonly [K in TransactionKind]: ValueOf<(typeof transactionBodies)[K]> };
export type TransactionBody<K extends TransactionKind = TransactionKind> = {
  [P in K]: { readonly kind: P; readonly value: Bodies[P] };
}[K];

export const transactionKinds = Object.keys(transactionBodies) as readonly TransactionKind[];

const bodyType = new UnionType(Object.values(transactionBodies) as never[]);

const transactionType = new ContainerType({
  sender: accountIdType,
  nonce: uintType,
  /** Paid to the proposer on top of the fixed fee; decides who is taken first when blocks are full. */
  tip: grainsType,
  /** Not included in a block above this height. */
  expiresHeight: uintType,
  body: bodyType,
});
const witnessType = new ContainerType({
  signature: signatureType,
  /** Carried by an account's first transaction only (I-4). */
  publicKey: optionalOf(publicKeyType),
});
const signedTransactionType = new ContainerType({ transaction: transactionType, witness: witnessType });

/** As on the wire: `body.selector` is the index of the kind. `bodyOf` and `transactionOf` turn it into names and back. */
export type Transaction = Omit<ValueOf<typeof transactionType>, "body"> & {
  readonly body: { readonly selector: number; readonly value: unknown };
};
export type TransactionWitness = ValueOf<typeof witnessType>;
export type SignedTransaction = { readonly transaction: Transaction; readonly witness: TransactionWitness };

/** The body with its kind's name, for a `switch` that the compiler checks. */
export const bodyOf = (transaction: Transaction): TransactionBody =>
  ({ kind: transactionKinds[transaction.body.selector], value: transaction.body.value }) as TransactionBody;

export const transactionOf = (head: Omit<Transaction, "body">, body: TransactionBody): Transaction => ({
  ...head,
  body: { selector: transactionKinds.indexOf(body.kind), value: body.value },
});

export const transactionCodec = codec("transaction", transactionType, longTransactionBytesMax);
export const signedTransactionCodec = codec(
  "signed transaction",
  signedTransactionType,
  longTransactionBytesMax + 8192,
);

export { transactionType, witnessType };
