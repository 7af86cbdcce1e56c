// What panels are made of: a titled section, a table with a caption, facts. Everything shown is a text node or an attribute that
// takes no code; nothing here makes markup from text.
import { type ComponentChildren, h, type JSX } from "preact";
import { rowsMax } from "./sight.ts";

export interface PanelOptions {
  readonly id: string;
  readonly title: string;
  readonly note?: string | undefined;
}

export const panel = ({ id, title, note }: PanelOptions, ...children: readonly ComponentChildren[]): JSX.Element =>
  h(
    "section",
    { class: "panel", id, "aria-labelledby": `${id}-title` },
    h("h2", { id: `${id}-title` }, title),
    note === undefined ? null : h("p", { class: "note" }, note),
    ...children,
  );

/** `num` aligns right; `wide` is left out on narrow screens. */
interface Column {
  readonly name: string;
  readonly class?: "num" | "wide" | "num wide" | undefined;
}

export interface TableOptions {
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** What to say when there are no rows. */
  readonly empty: string;
  /** How many rows there are in all, where it is known that they are more. */
  readonly more?: boolean | undefined;
}

export interface Row {
  readonly key: string;
  readonly cells: readonly ComponentChildren[];
  /** Shown under the row, over its whole width. */
  readonly under?: ComponentChildren;
}

function rowOf({ key, cells, under }: Row, columns: readonly Column[]): ComponentChildren {
  const row = h(
    "tr",
    { key },
    cells.map((cell, index) => h(index === 0 ? "th" : "td", cellProps(columns[index], index), cell)),
  );
  if (under === undefined) return row;
  return [row, h("tr", { key: `${key} more`, class: "under" }, h("td", { colSpan: columns.length }, under))];
}

const cellProps = (column: Column | undefined, index: number) => ({
  class: column?.class,
  ...(index === 0 ? { scope: "row" as const } : {}),
});

/** At most `rowsMax` rows, and says so when there are more. */
export function table({ caption, columns, rows, empty, more = false }: TableOptions): JSX.Element {
  if (rows.length === 0) return h("p", { class: "empty" }, empty);
  const isCut = more || rows.length > rowsMax;
  return h(
    "div",
    { class: "scroll", tabIndex: 0, role: "region", "aria-label": caption },
    h(
      "table",
      null,
      h("caption", null, isCut ? `${caption} (the first ${rowsMax})` : caption),
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          columns.map(({ name, class: kind }) => h("th", { scope: "col", class: kind }, name)),
        ),
      ),
      h(
        "tbody",
        null,
        rows.slice(0, rowsMax).map((row) => rowOf(row, columns)),
      ),
    ),
  );
}

/** An id or address: short, whole on hover and for screen readers. */
export const idText = (short: string, whole: string): JSX.Element =>
  h("code", { title: whole, "aria-label": whole }, short);

export const facts = (entries: readonly (readonly [name: string, value: ComponentChildren])[]): JSX.Element =>
  h(
    "dl",
    { class: "facts" },
    entries.map(([name, value]) =>
      h(
        "div",
        { key: name, class: name.startsWith("  ") ? "inner" : undefined },
        h("dt", null, name.trim()),
        h("dd", null, value),
      ),
    ),
  );

/** A share as a bar; the number beside it says the same. */
export const bar = (share: number, label: string): JSX.Element =>
  h("meter", { min: 0, max: 1, value: Math.min(Math.max(share, 0), 1), "aria-label": label, title: label });
