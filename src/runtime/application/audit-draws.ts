// Who audits what (P-1), looked up in the last final state. A draw is fixed when its epoch begins, and costs hashes: one
// asset's is made when it is asked for, a page of them likewise, and an auditor's own are found little by little.
import {
  activeIn,
  auditDraw,
  auditorsCount,
  createUrn,
  type DrawUrn,
  eachRecord,
  type LedgerState,
  readRecord,
} from "../../ledger/index.ts";
import { type AccountId, type AssetId, type Bytes, equalBytes, keyOf } from "../../primitives/index.ts";
import { type AssetState, type DrawEntry, numberKey, type Parameters, tables } from "../../schema/index.ts";

interface Assignment {
  readonly assetId: AssetId;
  readonly auditors: readonly AccountId[];
}

export interface AuditDraws {
  /** Whether an operator is in an epoch's draw table, while the ledger has it. */
  isDrawn(epoch: number, operator: AccountId): boolean;
  /** Whether `auditor` was drawn to audit an asset in an epoch. */
  isAssigned(epoch: number, assetId: AssetId, auditor: AccountId): boolean;
  /** Who audits which asset in an epoch, ascending from above `after`; none while its draw is not known. */
  assignments(epoch: number, after?: AssetId, limit?: number): readonly Assignment[];
  /**
   * Assets that `auditor` was drawn to audit in an epoch, as far as they are found: each call looks at `drawsPerCall` more
   * assets, so whoever asks at every block knows all of them some blocks after the epoch's beginning.
   */
  assignedTo(epoch: number, auditor: AccountId): readonly AssetId[];
}

/** Some tens of milliseconds of draws. */
export const drawsPerCall = 2_048;
/** Epochs whose draws, and auditors whose assets, are kept at a time. */
const keptMax = 4;

interface EpochDraw {
  readonly urn: DrawUrn;
  readonly auditorsOf: (state: LedgerState, assetId: AssetId, asset: AssetState) => readonly AccountId[];
  /** By auditor. */
  readonly searches: (auditor: string, make: () => Search) => Search;
}

/** For an auditor's assets, over those of one state: what is active in an epoch was registered before it began. */
interface Search {
  readonly left: Iterator<readonly [key: Bytes, asset: AssetState]>;
  readonly found: AssetId[];
}

/** The newest few values of a kind that is made once a name. */
function fewKept<V>() {
  const kept = new Map<string, V>();
  return (name: string, make: () => V): V => {
    const known = kept.get(name) ?? make();
    kept.delete(name);
    kept.set(name, known);
    if (kept.size > keptMax) kept.delete(kept.keys().next().value as string);
    return known;
  };
}

const idOf = (key: Bytes): AssetId => key.slice() as AssetId;

export function createAuditDraws(state: () => LedgerState, p: Parameters): AuditDraws {
  const draws = fewKept<EpochDraw | undefined>();

  const make = (epoch: number): EpochDraw | undefined => {
    const table = readRecord(state(), tables.drawTables, numberKey(epoch));
    const beacon = readRecord(state(), tables.epochs, numberKey(epoch))?.beacon;
    if (table === undefined || beacon === undefined) return undefined;
    const urn = createUrn(table);
    const draw = auditDraw(urn, beacon, { count: p.auditorsPerAsset, prefixRules: p.prefixRules === 1 });
    return {
      urn,
      auditorsOf: (now, assetId, asset) =>
        draw({ assetId, owner: asset.owner }, auditorsCount(now, epoch, assetId, p)).map(
          (at) => (urn.entries[at] as DrawEntry).operator,
        ),
      searches: fewKept<Search>(),
    };
  };
  /** Named by the beacon, too: nothing is kept of an epoch that is not known yet. */
  const drawOf = (epoch: number): EpochDraw | undefined => {
    const beacon = readRecord(state(), tables.epochs, numberKey(epoch))?.beacon;
    return beacon === undefined ? undefined : draws(`${epoch} ${keyOf(beacon)}`, () => make(epoch));
  };

  return {
    isDrawn: (epoch, operator) => drawOf(epoch)?.urn.indexOf.has(keyOf(operator)) === true,
    isAssigned(epoch, assetId, auditor) {
      const draw = drawOf(epoch);
      const asset = readRecord(state(), tables.assets, assetId);
      if (draw === undefined || asset === undefined || !activeIn(asset, epoch)) return false;
      return draw.auditorsOf(state(), assetId, asset).some((one) => equalBytes(one, auditor));
    },
    assignments(epoch, after, limit = Number.POSITIVE_INFINITY) {
      const draw = drawOf(epoch);
      const found: Assignment[] = [];
      if (draw === undefined) return found;
      for (const [key, asset] of eachRecord(state(), tables.assets, after)) {
        if (found.length >= limit) break;
        if (!activeIn(asset, epoch)) continue;
        const assetId = idOf(key);
        found.push({ assetId, auditors: draw.auditorsOf(state(), assetId, asset) });
      }
      return found;
    },
    assignedTo(epoch, auditor) {
      const draw = drawOf(epoch);
      if (draw === undefined) return [];
      const now = state();
      const { left, found } = draw.searches(keyOf(auditor), () => ({
        left: eachRecord(now, tables.assets),
        found: [],
      }));
      for (let looked = 0; looked < drawsPerCall; looked++) {
        const next = left.next();
        if (next.done) break;
        const [key, asset] = next.value;
        if (!activeIn(asset, epoch)) continue;
        const assetId = idOf(key);
        if (draw.auditorsOf(now, assetId, asset).some((one) => equalBytes(one, auditor))) found.push(assetId);
      }
      // One that was retired meanwhile, or measured anew, is audited no more.
      return found.filter((assetId) => {
        const asset = readRecord(now, tables.assets, assetId);
        return asset !== undefined && activeIn(asset, epoch);
      });
    },
  };
}
