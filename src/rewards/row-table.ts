// The rows of a settlement in flat memory: what settlement reads again and again, and what an explanation tells at the end.
// Owners are kept once each, digests and figures in columns. A row comes out as it went in.
import {
  type AccountId,
  type AssetId,
  type Bytes,
  type Cell,
  type Digest,
  digest,
  invariant,
} from "../primitives/index.ts";
import type { Outcome } from "../schema/index.ts";
import { BigintColumn, DigestColumn, NumberColumn } from "./columns.ts";
import { assetUnitsMax } from "./work.ts";

export interface SettleRow {
  readonly assetId: AssetId;
  readonly owner: AccountId;
  /** The same for all assets of an owner. */
  readonly beneficiary: AccountId;
  /** A number for the owner, from 0, the same for all its assets. */
  readonly operator: number;
  readonly kind: number;
  readonly cell: Cell;
  readonly prefix: Bytes;
  /** What P-5 started from. */
  readonly assigned: number;
  readonly last: Outcome;
  readonly units: bigint;
  readonly measured: bigint;
  readonly delivered: bigint;
  readonly passPpm: number;
  readonly bonusPpm: number;
  readonly bond: bigint;
  readonly evidence: readonly Digest[];
}

type Owner = Pick<SettleRow, "owner" | "beneficiary">;

const prefixBytes = 5;

/** The halves of a prefix's five bytes as a key. */
export const prefixHigh = (prefix: Bytes): number => prefix[0] as number;
export const prefixLow = (prefix: Bytes): number =>
  (((prefix[1] as number) << 24) |
    ((prefix[2] as number) << 16) |
    ((prefix[3] as number) << 8) |
    (prefix[4] as number)) >>>
  0;

export class RowTable {
  readonly #owners: Owner[] = [];
  readonly #assetIds = new DigestColumn();
  readonly #operators = new NumberColumn("narrow");
  readonly #kinds = new NumberColumn("narrow");
  readonly #cells = new BigintColumn();
  readonly #prefixHighs = new NumberColumn("narrow");
  readonly #prefixLows = new NumberColumn("narrow");
  readonly #assigned = new NumberColumn("narrow");
  readonly #lastMeasured = new BigintColumn();
  readonly #lastPassPpm = new NumberColumn("narrow");
  readonly #lastEpochs = new NumberColumn("wide");
  readonly #lastHeld = new NumberColumn("narrow");
  readonly #units = new NumberColumn("narrow");
  readonly #measured = new NumberColumn("narrow");
  readonly #delivered = new BigintColumn();
  readonly #passPpm = new NumberColumn("narrow");
  readonly #bonusPpm = new NumberColumn("narrow");
  readonly #bonds = new BigintColumn();
  /** Where a row's evidence begins; it ends where the next row's does. */
  readonly #evidenceFrom = new NumberColumn("narrow");
  readonly #evidence = new DigestColumn();

  get count(): number {
    return this.#kinds.length;
  }

  push(row: SettleRow): void {
    invariant(row.units <= assetUnitsMax && row.measured <= row.units, "an asset's units are bounded", {
      units: row.units,
      measured: row.measured,
    });
    this.#owners[row.operator] ??= { owner: row.owner, beneficiary: row.beneficiary };
    this.#assetIds.push(row.assetId);
    this.#operators.push(row.operator);
    this.#kinds.push(row.kind);
    this.#cells.push(row.cell);
    this.#prefixHighs.push(prefixHigh(row.prefix));
    this.#prefixLows.push(prefixLow(row.prefix));
    this.#assigned.push(row.assigned);
    this.#lastMeasured.push(row.last.measured);
    this.#lastPassPpm.push(row.last.passPpm);
    this.#lastEpochs.push(row.last.measuredEpochs);
    this.#lastHeld.push(row.last.held ? 1 : 0);
    this.#units.push(Number(row.units));
    this.#measured.push(Number(row.measured));
    this.#delivered.push(row.delivered);
    this.#passPpm.push(row.passPpm);
    this.#bonusPpm.push(row.bonusPpm);
    this.#bonds.push(row.bond);
    this.#evidenceFrom.push(this.#evidence.length);
    for (const one of row.evidence) this.#evidence.push(one);
  }

  kindOf(row: number): number {
    return this.#kinds.at(row);
  }

  operatorOf(row: number): number {
    return this.#operators.at(row);
  }

  assetIdOf(row: number): AssetId {
    return this.#assetIds.at(row) as AssetId;
  }

  ownerOf(row: number): Owner {
    return this.#owners[this.#operators.at(row)] as Owner;
  }

  /** The row as it was pushed. */
  at(row: number): SettleRow {
    return {
      assetId: this.assetIdOf(row),
      ...this.ownerOf(row),
      operator: this.operatorOf(row),
      kind: this.kindOf(row),
      cell: this.#cells.at(row) as Cell,
      prefix: this.#prefixOf(row),
      assigned: this.#assigned.at(row),
      last: {
        measured: this.#lastMeasured.at(row),
        passPpm: this.#lastPassPpm.at(row),
        measuredEpochs: this.#lastEpochs.at(row),
        held: this.#lastHeld.at(row) === 1,
      },
      units: BigInt(this.#units.at(row)),
      measured: BigInt(this.#measured.at(row)),
      delivered: this.#delivered.at(row),
      passPpm: this.#passPpm.at(row),
      bonusPpm: this.#bonusPpm.at(row),
      bond: this.#bonds.at(row),
      evidence: this.#evidenceOf(row),
    };
  }

  #prefixOf(row: number): Bytes {
    const prefix = new Uint8Array(prefixBytes);
    const view = new DataView(prefix.buffer);
    view.setUint8(0, this.#prefixHighs.at(row));
    view.setUint32(1, this.#prefixLows.at(row));
    return prefix;
  }

  #evidenceOf(row: number): Digest[] {
    const evidence: Digest[] = [];
    const to = row + 1 < this.count ? this.#evidenceFrom.at(row + 1) : this.#evidence.length;
    for (let at = this.#evidenceFrom.at(row); at < to; at++) evidence.push(digest(this.#evidence.at(at)));
    return evidence;
  }
}
