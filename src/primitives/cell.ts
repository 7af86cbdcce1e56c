// Places on the earth: H3 cells as 64-bit numbers. Never floats in consensus: the centre of a cell is for maps and estimates.
import { cellToParent, getResolution, isValidCell, latLngToCell } from "h3-js";
import type { Brand } from "./brand.ts";
import { err, ok, type Result } from "./result.ts";

export type Cell = Brand<bigint, "Cell">;

export const cellResolutionMax = 15;
/** Assets are registered at this resolution, about 5 km2 a cell (D-1). */
export const assetCellResolution = 7;

export const cellText = (cell: bigint): string => cell.toString(16);

export const isCell = (value: bigint): value is Cell => value > 0n && value < 1n << 63n && isValidCell(cellText(value));

/** Reads the usual hex text of a cell, such as 871fb4671ffffff. */
export function parseCell(text: string): Result<Cell, string> {
  if (!/^[0-9a-f]{15,16}$/.test(text) || !isValidCell(text)) return err(`"${text}" is not an H3 cell`);
  return ok(BigInt(`0x${text}`) as Cell);
}

export const cellResolution = (cell: Cell): number => getResolution(cellText(cell));

/** The cell of `resolution` that holds `cell`; `resolution` is not finer than the cell's own. */
export const cellParent = (cell: Cell, resolution: number): Cell =>
  BigInt(`0x${cellToParent(cellText(cell), resolution)}`) as Cell;

/** The cell that holds a point given in degrees. */
export const cellAt = (latitude: number, longitude: number, resolution: number = assetCellResolution): Cell =>
  BigInt(`0x${latLngToCell(latitude, longitude, resolution)}`) as Cell;
