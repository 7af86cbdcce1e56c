// registerAsset, updateAsset and retireAsset (D-1, D-4). An asset is audited and paid from the second epoch after it was
// registered, or after what it is measured by was changed.
import { sha256 } from "../../crypto/index.ts";
import {
  type AccountId,
  type AssetId,
  assetCellResolution,
  assetId,
  assetKinds,
  cellResolution,
  type Digest,
  digest,
  equalBytes,
  grains,
  isCell,
  utf8ToBytes,
  zeroDigest,
} from "../../primitives/index.ts";
import { noOutcome } from "../../rewards/index.ts";
import {
  type AssetState,
  type AssetTerms,
  assetStatuses,
  energySources,
  energyTiers,
  type Parameters,
  type TransactionBody,
  tables,
} from "../../schema/index.ts";
import {
  addBonds,
  addBurned,
  chainOf,
  debit,
  type ExecutionContext,
  operatorOf,
  updateChain,
} from "../execution-context.ts";
import type { RejectionReason } from "../reasons.ts";

type Body<K extends TransactionBody["kind"]> = TransactionBody<K>["value"];
const statusOf = (name: (typeof assetStatuses)[number]): number => assetStatuses.indexOf(name);
const certificateTier = energyTiers.indexOf("certificate");

/** The id of the asset that `owner` registers under `label`. */
export const assetIdOf = (owner: AccountId, label: Digest): AssetId =>
  assetId(sha256(utf8ToBytes("asset"), owner, label));

/** Whether an asset is audited and paid for an epoch. */
export const activeIn = (asset: AssetState, epoch: number): boolean =>
  asset.activeFromEpoch <= epoch && (asset.retiredEpochs === 0 || asset.retiredEpochs > epoch + 1);

function termsProblem(terms: AssetTerms, p: Parameters): RejectionReason | undefined {
  if (terms.kind >= assetKinds.length) return "terms-kind";
  if (terms.units < 1n || terms.units > BigInt(p.unitsPerAssetMax)) return "terms-units";
  if (!isCell(terms.cell) || cellResolution(terms.cell) !== assetCellResolution) return "terms-cell";
  const { source, evidenceTier, renewablePpm, evidenceHash } = terms.energy;
  if (source >= energySources.length || evidenceTier >= energyTiers.length || renewablePpm > 1_000_000)
    return "terms-energy";
  return evidenceTier === certificateTier && equalBytes(evidenceHash, zeroDigest) ? "terms-energy" : undefined;
}

/** D-4: an energy certificate counts for one asset, ever. */
function claimEvidence(ctx: ExecutionContext, terms: AssetTerms, id: AssetId): RejectionReason | undefined {
  if (terms.energy.evidenceTier !== certificateTier) return undefined;
  const claimed = ctx.draft.read(tables.energy, terms.energy.evidenceHash);
  if (claimed !== undefined) return equalBytes(claimed.subject, id) ? undefined : "evidence-claimed";
  ctx.draft.write(tables.energy, terms.energy.evidenceHash, { subject: digest(id), epoch: ctx.time.epoch });
  return undefined;
}

export function registerAsset(
  ctx: ExecutionContext,
  sender: AccountId,
  body: Body<"registerAsset">,
): RejectionReason | undefined {
  const { draft, parameters: p } = ctx;
  const operator = operatorOf(draft, sender);
  if (operator === undefined) return "operator-unknown";
  if (chainOf(draft).assets >= p.assetsMax) return "assets-full";
  if (body.bond < p.assetBondMin) return "bond-too-low";
  const id = assetIdOf(sender, body.label);
  const problem = termsProblem(body.terms, p) ?? claimEvidence(ctx, body.terms, id);
  if (problem !== undefined) return problem;
  if (draft.read(tables.assets, id) !== undefined) return "asset-exists";
  if (!debit(draft, sender, body.bond + p.registrationFee)) return "balance-too-low";
  addBonds(draft, body.bond);
  addBurned(draft, p.registrationFee);
  updateChain(draft, (chain) => ({ assets: chain.assets + 1 }));
  draft.write(tables.operators, sender, { ...operator, assets: operator.assets + 1 });
  draft.write(tables.assets, id, {
    owner: sender,
    terms: body.terms,
    bond: grains(body.bond),
    registeredEpoch: ctx.time.epoch,
    activeFromEpoch: ctx.time.epoch + 2,
    status: statusOf("active"),
    retiredEpochs: 0,
    outcome: noOutcome,
    unbonding: [],
  });
  return undefined;
}

const sameMeasure = (a: AssetTerms, b: AssetTerms): boolean =>
  a.units === b.units && a.cell === b.cell && equalBytes(a.dataCommitment, b.dataCommitment);

export function updateAsset(
  ctx: ExecutionContext,
  sender: AccountId,
  body: Body<"updateAsset">,
): RejectionReason | undefined {
  const asset = ctx.draft.read(tables.assets, body.assetId);
  if (asset === undefined) return "asset-unknown";
  if (!equalBytes(asset.owner, sender)) return "not-owner";
  if (asset.retiredEpochs > 0) return "asset-retired";
  if (asset.terms.kind !== body.terms.kind) return "terms-kind";
  const problem = termsProblem(body.terms, ctx.parameters) ?? claimEvidence(ctx, body.terms, body.assetId);
  if (problem !== undefined) return problem;
  const same = sameMeasure(asset.terms, body.terms);
  ctx.draft.write(tables.assets, body.assetId, {
    ...asset,
    terms: body.terms,
    activeFromEpoch: same ? asset.activeFromEpoch : ctx.time.epoch + 2,
    outcome: same ? asset.outcome : noOutcome,
  });
  return undefined;
}

export function retireAsset(
  ctx: ExecutionContext,
  sender: AccountId,
  body: Body<"retireAsset">,
): RejectionReason | undefined {
  const asset = ctx.draft.read(tables.assets, body.assetId);
  if (asset === undefined) return "asset-unknown";
  if (!equalBytes(asset.owner, sender)) return "not-owner";
  if (asset.retiredEpochs > 0) return "asset-retired";
  ctx.draft.write(tables.assets, body.assetId, {
    ...asset,
    status: statusOf("retiring"),
    retiredEpochs: ctx.time.epoch + 1,
  });
  return undefined;
}
