// What answers look like on the wire, as schemas: amounts and 64-bit quantities as decimal strings, bytes as 0x-hex, accounts
// as addresses, times as RFC 3339; counters that stay below 2^53 (heights, epochs, sequences) as numbers. The OpenRPC document
// is made from them, and every answer in the tests is held to them. `toWire` is what produces this form.
import { z } from "zod";
import { assetKinds } from "../primitives/index.ts";

const amount = z.string().regex(/^\d+$/).describe("a 64-bit quantity; money in grains, 10^-9 FAIR");
export const hex = z
  .string()
  .regex(/^0x([0-9a-f]{2})*$/)
  .describe("bytes");
const address = z
  .string()
  .regex(/^fair1[a-z0-9]+$/)
  .describe("an account");
export const count = z.int().min(0);
const time = z.iso.datetime().describe("RFC 3339, UTC");
const ppm = z.int().min(0).describe("parts per million");

export const listOf = <T extends z.ZodType>(item: T) => z.array(item);
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({ items: z.array(item), nextCursor: z.string().nullable().describe("null on the last page") });

export const status = z.strictObject({
  version: z.string(),
  networkId: hex,
  networkName: z.string(),
  account: address,
  height: count.describe("of the last final block"),
  digest: hex,
  epoch: count,
  term: count,
  view: count,
  seat: count.optional().describe("this node's seat in the term's committee"),
  syncing: z.boolean(),
  joining: z
    .strictObject({
      step: z.enum(["searching", "state", "keys", "postings", "adopting"]),
      height: count.optional().describe("of the block that is joined at"),
      bytes: count.describe("of its state that are here"),
    })
    .optional()
    .describe("while the node joins by state"),
  observing: z.string().optional().describe("why this node's seat does not vote"),
  checkpoint: z
    .strictObject({ term: count, height: count, digest: hex, time })
    .optional()
    .describe("the last term's end: what others may pin who trust this node"),
  blocksFrom: count.describe("the lowest height whose block is kept"),
  peers: count,
  verifier: z.enum(["native", "portable", "simulated"]),
  uptimeMs: count,
  audits: z.strictObject({ passed: count, failed: count }),
  offers: z
    .array(
      z.strictObject({
        id: hex,
        kind: z.enum(assetKinds),
        units: amount,
        state: z.enum(["new", "preparing", "prepared", "registered"]),
        preparedPpm: ppm,
      }),
    )
    .describe("what this node is configured to offer, and how far each has come"),
  alerts: count.describe("alerts that are raised now"),
  time: time.describe("of the last final block"),
});

export const peer = z.strictObject({
  peer: z.string().describe("libp2p peer id"),
  account: address.optional(),
  addresses: z.array(z.string()),
  direction: z.enum(["inbound", "outbound"]),
  bytes: z.strictObject({ received: count, sent: count }),
  score: z.number().describe("gossip's opinion of it: below zero it is pruned"),
});

export const identity = z.strictObject({ account: address, addresses: z.array(z.string()) });

export const alert = z.strictObject({
  code: z.string().describe("stable, for programs"),
  severity: z.enum(["warning", "critical"]),
  message: z.string().describe("what is wrong and what to do"),
  sinceHeight: count,
  raised: z.boolean().describe("false: it is over"),
});

const header = z.strictObject({
  version: count,
  networkId: hex,
  height: count,
  epoch: count,
  term: count,
  parent: hex,
  timestampMs: count,
  proposer: count.describe("seat"),
  beaconReveal: hex,
  transactionsRoot: hex,
  witnessRoot: hex,
  stateRoot: hex,
  epochRecordRoot: hex,
});
export const block = z.strictObject({
  header,
  digest: hex,
  transactions: z.array(z.strictObject({ id: hex, kind: z.string(), sender: address })),
});
export const certificate = z.strictObject({
  statement: z.strictObject({
    term: count,
    committeeRoot: hex,
    view: count,
    kind: count,
    digest: hex,
  }),
  signers: hex.describe("bitmap of seats"),
  signatures: z.array(hex),
});
export const seat = z.strictObject({ seat: count, account: address });

export const account = z.strictObject({
  account: address,
  balance: amount,
  nonce: count.describe("of the next transaction on the ledger"),
  nextNonce: count.describe("the lowest that no waiting transaction has"),
  keyKnown: z.boolean().describe("false until the account's first transaction, which carries its key (I-4)"),
  operator: z.strictObject({ bond: amount, scorePpm: ppm, withdrawal: address, assets: count }).optional(),
});

export const transaction = z.strictObject({
  id: hex,
  status: z.enum(["waiting", "final"]),
  height: count.optional(),
  kind: z.string().optional(),
  sender: address.optional(),
  nonce: count.optional(),
});

const energy = z.strictObject({ source: count, renewablePpm: ppm, evidenceTier: count, evidenceHash: hex });
const terms = z.strictObject({
  kind: count,
  units: amount,
  cell: amount,
  dataCommitment: hex,
  interfaceHash: hex,
  interfacePointer: hex,
  attributes: z.array(z.strictObject({ key: hex, value: hex })),
  energy,
});
export const asset = z.strictObject({
  id: hex,
  owner: address,
  terms,
  bond: amount,
  registeredEpoch: count,
  status: count.describe("0 active, 1 retiring, 2 retired"),
});
export const capacity = z.strictObject({
  owner: address,
  assetId: hex,
  seq: count,
  epoch: count,
  freeUnits: amount,
  pricePerUnitEpoch: amount,
  expiresEpoch: count,
  addressesDigest: hex,
});

const concentration = z.strictObject({
  giniPpm: ppm,
  herfindahlPpm: ppm,
  nakamotoThird: count.describe("fewest holders above one third"),
  nakamotoHalf: count,
  topSharePpm: ppm,
});
export const concentrations = z.strictObject({
  epoch: count,
  rewardsByOperator: concentration,
  rewardsByGroup: concentration,
  bondsByOperator: concentration,
  bondsByGroup: concentration,
});
export const epochRecord = z.strictObject({
  epoch: count,
  emission: amount,
  kinds: z.array(z.strictObject({ kind: count, budget: amount, paid: amount, coveragePaid: amount, reserve: amount })),
  auditPay: amount,
  committeePay: amount,
  treasury: amount,
  rewardsRoot: hex,
  rewardsCount: count,
  postingsRoot: hex,
  postingsCount: count,
  concentration: z.array(concentration),
  beacon: hex,
  committeeRoot: hex,
});
export const reward = z.strictObject({
  assetId: hex,
  owner: address,
  beneficiary: address,
  cappedWeight: amount,
  coverage: amount,
  reward: amount,
  explanationRoot: hex,
});
export const explanation = z.strictObject({
  kind: count,
  cell: amount,
  prefix: hex,
  assigned: count.describe("auditors drawn"),
  last: z.strictObject({ measured: amount, passPpm: ppm, measuredEpochs: count, held: z.boolean() }),
  units: amount.describe("registered"),
  measured: amount,
  delivered: amount,
  passPpm: ppm,
  standbyPpm: ppm,
  bonusPpm: ppm,
  work: amount,
  bondLimit: amount,
  weight: amount,
  groups: z.array(
    z.strictObject({
      group: count.describe("0 network prefix, 1 region, 2 cell"),
      key: hex,
      weight: amount,
      cap: amount,
      scale: amount.describe("in 2^-48"),
    }),
  ),
  boundBy: count.describe("index of the group that bound; 255 for none"),
  cappedWeight: amount,
  denominator: amount,
  budget: amount,
  coverageBudget: amount,
  evidence: z.array(hex),
});

export const audit = z.strictObject({
  assetId: hex,
  auditors: z.array(
    z.strictObject({
      auditor: address,
      entry: z
        .strictObject({
          passed: count,
          attempted: count,
          measured: amount,
          latencyMs: count,
          direct: z.boolean(),
        })
        .optional()
        .describe("absent while the auditor has not reported"),
    }),
  ),
});

export const proof = z.strictObject({
  assetId: hex,
  owner: address,
  epoch: count,
  seq: count,
  responsesRoot: hex.describe("over the responses to challenges of the epoch since the prover's start"),
  unitsServed: amount.describe("by the receipts of all requesters"),
  receipts: z.array(hex).describe("of the latest receipt of each requester, at most 64"),
});
export const blob = z.strictObject({
  assetId: hex,
  provider: address,
  blobId: hex,
  length: count.describe("in bytes"),
  epoch: count.describe("when it was stored"),
});

export const foundAsset = z.strictObject({ asset, provider: address, addresses: z.array(z.string()) });
export const parameters = z.looseObject({}).describe("every protocol parameter by its id (docs/PROTOCOL.md)");
export const id = z.strictObject({ id: hex });

export const subscriptionTopics = ["heads", "epochs", "rewards", "capacity", "alerts"] as const;
export type SubscriptionTopic = (typeof subscriptionTopics)[number];
