// Makes the file that proves one reward (section 6) from what the node keeps. It begins where the asker's trust begins: at
// genesis, at the checkpoint it pins, or (by default) as near as possible, for whoever will pin that block.

import { type CommitteeChain, handOversMax } from "../../ledger/index.ts";
import { type AssetId, type Digest, equalBytes, err, keyOf, ok, type Result } from "../../primitives/index.ts";
import { createTableBranches, type TableBranches } from "../../rewards/index.ts";
import {
  type Block,
  bodyOf,
  encodeRewardCertificate,
  type Genesis,
  type HandOver,
  type Parameters,
  proveParameters,
  type Receipt,
  type RewardCertificate,
  type RewardLeaf,
  receiptCodec,
  receiptsOfAssetMax,
  type Transaction,
} from "../../schema/index.ts";
import type { CertificateStore } from "./certificate-store.ts";
import type { ChainStore } from "./chain-store.ts";
import { rewardEpochsKept } from "./retention.ts";

/** Where a certificate's chain of committees begins: `near` is the end of the term before, or genesis in terms 0 and 1. */
export type CertificateStart = "near" | "genesis" | Digest;

/**
 * `reward-unknown`: no such reward, or not kept any more; `checkpoint-*`: no term ends with that block, or too late;
 * `chain-too-long`: begin nearer.
 */
export type CertificateProblem =
  | "reward-unknown"
  | "checkpoint-unknown"
  | "checkpoint-late"
  | "chain-incomplete"
  | "chain-too-long";

/** What went wrong and what to do, as whoever asks for a certificate reads it. */
export const certificateProblems: Readonly<Record<CertificateProblem, string>> = {
  "reward-unknown": `no such reward is kept: an epoch's certificates can be made from when it is settled and final until ${rewardEpochsKept} epochs later, so fetch them within that time and keep the files`,
  "checkpoint-unknown":
    "no term that this node knows ends with that block: a checkpoint is the digest of a term's last block",
  "checkpoint-late":
    "that checkpoint is not older than the reward: begin at an earlier one, or fetch the certificate as near and pin the block that it begins at",
  "chain-incomplete":
    "this node lacks a committee or a term's end between that start and the reward: begin nearer, or ask another node",
  "chain-too-long": "there are too many terms between that start and the reward: begin at a nearer checkpoint",
};

/** Hand-overs in a certificate that is made here: at 64 seats about 35 MB. */
const handOversMadeMax = 128;

export interface CertificateSources {
  readonly genesis: Genesis;
  readonly parameters: Parameters;
  readonly chain: ChainStore;
  readonly certificates: CertificateStore;
  block(height: number): Block | undefined;
  /** The term that a final block closes; undefined when it closes none or is not known. */
  termClosedBy(block: Digest): number | undefined;
}

type Chain = Omit<CommitteeChain, "seal">;

/** Committees and hand-overs from the first trusted one to `term`: every second term (S-10). */
function chainTo(
  term: number,
  start: CertificateStart,
  { handOversMost, ...from }: CertificateSources & { readonly handOversMost: number },
): Result<Chain, CertificateProblem> {
  const { certificates, parameters: p } = from;
  let anchorTerm = -1;
  if (start === "near" && term > 1) anchorTerm = term - 1;
  if (start !== "near" && start !== "genesis") {
    const closed = from.termClosedBy(start);
    if (closed === undefined) return err("checkpoint-unknown");
    if (closed >= term) return err("checkpoint-late");
    anchorTerm = closed;
  }
  const first = anchorTerm + 1 + ((term - anchorTerm - 1) % 2);
  if (term - first > 2 * handOversMost) return err("chain-too-long");
  const committee = certificates.committee(first);
  const anchor = anchorTerm < 0 ? [] : [certificates.anchor(anchorTerm, first)];
  const handOvers: HandOver[] = [];
  for (let at = first; at < term; at += 2) {
    const seal = certificates.seal((at + 1) * p.termEpochs - 2);
    const next = certificates.committee(at + 2);
    if (seal === undefined || next === undefined) return err("chain-incomplete");
    handOvers.push({ seal, committee: next });
  }
  const [shown] = anchor;
  if (committee === undefined || (anchorTerm >= 0 && shown === undefined)) return err("chain-incomplete");
  return ok({ anchor: shown === undefined ? [] : [shown], committee, handOvers });
}

/**
 * The end of `term`, proved from `start`; a checkpoint that is this very end proves it alone. A chain with more hand-overs than the
 * trusting period has room for is of no use to anyone who joins, and dear to read: whoever asks for it gets none.
 */
export function proveTerm(
  term: number,
  start: "genesis" | Digest,
  from: CertificateSources,
): Result<CommitteeChain, CertificateProblem> {
  const seal = from.certificates.seal((term + 1) * from.parameters.termEpochs - 2);
  const committee = from.certificates.committee(term);
  if (seal === undefined || committee === undefined) return err("chain-incomplete");
  if (start !== "genesis" && from.termClosedBy(start) === term)
    return ok({ anchor: [], committee, handOvers: [], seal });
  const chain = chainTo(term, start, { ...from, handOversMost: handOversMax(from.parameters) });
  return chain.ok ? ok({ ...chain.value, seal }) : chain;
}

/** The receipts behind an explanation, out of the blocks that hold the claims. */
function receiptsOf(
  blocks: readonly (Block | undefined)[],
  wanted: { readonly epoch: number; readonly assetId: AssetId; readonly evidence: readonly Digest[] },
): readonly Receipt[] {
  const evidence = new Map(wanted.evidence.map((one, at) => [keyOf(one), at]));
  const found = new Map<number, Receipt>();
  for (const transaction of blocks.flatMap((block) => block?.transactions ?? [])) {
    const body = bodyOf(transaction as Transaction);
    if (body.kind !== "serviceClaim" || body.value.epoch !== wanted.epoch) continue;
    if (!equalBytes(body.value.assetId, wanted.assetId)) continue;
    for (const { receipt } of body.value.receipts) {
      const at = evidence.get(keyOf(receiptCodec.root(receipt)));
      if (at !== undefined) found.set(at, receipt);
    }
  }
  return Array.from(found)
    .sort(([a], [b]) => a - b)
    .slice(0, receiptsOfAssetMax)
    .map(([, receipt]) => receipt);
}

export type MakeCertificate = (
  epoch: number,
  assetId: AssetId,
  start?: CertificateStart,
) => Promise<Result<Uint8Array, CertificateProblem>>;

/** Certificates over what is kept; the tree over the reward table that was asked for last is remembered. */
export function createCertificateMaker(from: CertificateSources): MakeCertificate {
  const genesis = proveParameters(from.genesis);
  let table:
    | { readonly epoch: number; readonly leaves: readonly RewardLeaf[]; readonly tree: TableBranches }
    | undefined;
  return async (epoch, assetId, start = "near") => {
    const { chain, certificates } = from;
    const seal = certificates.seal(epoch);
    const explanation = chain.explanation(epoch, assetId);
    if (seal === undefined || explanation === undefined) return err("reward-unknown");
    if (table?.epoch !== epoch) {
      const leaves = await chain.rewards(epoch);
      table = { epoch, leaves, tree: createTableBranches(leaves) };
    }
    const { leaves, tree } = table;
    const index = leaves.findIndex((leaf) => equalBytes(leaf.assetId, assetId));
    const leaf = leaves[index];
    if (leaf === undefined) return err("reward-unknown");
    const committees = chainTo(seal.headers[0]?.term ?? 0, start, { ...from, handOversMost: handOversMadeMax });
    if (!committees.ok) return committees;
    const heights = await certificates.claimHeights(epoch, assetId);
    const blocks = Array.from(new Set(heights), (height) => from.block(height));
    const certificate: RewardCertificate = {
      genesis,
      anchor: committees.value.anchor.slice(),
      committee: committees.value.committee,
      handOvers: committees.value.handOvers.slice(),
      seal,
      leaf,
      index,
      siblings: tree.branch(index).slice(),
      explanation,
      entries: certificates.auditedEntries(epoch, assetId).slice(),
      receipts: receiptsOf(blocks, { epoch, assetId, evidence: explanation.evidence }).slice(),
    };
    return ok(encodeRewardCertificate(certificate));
  };
}
