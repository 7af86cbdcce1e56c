// Who reported on each row of a settlement, and with which entry of its report: numbers in flat memory, from which the entries
// are decoded again when a settled epoch is stored or proved.
import { NumberColumn } from "../rewards/index.ts";

export interface Audited {
  /** The auditor's number among the operators. */
  readonly auditor: number;
  /** The entry's number in its report. */
  readonly entry: number;
}

export class AuditedRows {
  readonly #from = new NumberColumn("narrow");
  readonly #auditors = new NumberColumn("narrow");
  readonly #entries = new NumberColumn("narrow");

  /** The next row's, in the order of the draw. */
  push(audited: readonly Audited[]): void {
    this.#from.push(this.#auditors.length);
    for (const { auditor, entry } of audited) {
      this.#auditors.push(auditor);
      this.#entries.push(entry);
    }
  }

  at(row: number): readonly Audited[] {
    if (row >= this.#from.length) return [];
    const to = row + 1 < this.#from.length ? this.#from.at(row + 1) : this.#auditors.length;
    const found: Audited[] = [];
    for (let at = this.#from.at(row); at < to; at++)
      found.push({ auditor: this.#auditors.at(at), entry: this.#entries.at(at) });
    return found;
  }
}
