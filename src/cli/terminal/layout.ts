import { stripVTControlCharacters } from "node:util";
import type { Paint } from "./paint.ts";

/** How output for people is laid out. */
export interface Layout {
  readonly paint: Paint;
  /** How many characters fit on a line; `Infinity`: as many as there are, since it is no terminal, or `--wide` was given. */
  readonly width: number;
}

/** How much room a column needs, and how it may be given less. Widths are in characters. */
export interface ColumnWidth {
  /** What its widest cell needs. */
  readonly natural: number;
  /** What it may be cut down to; `undefined`: it is never cut. */
  readonly least: number | undefined;
  /** When it is left out: 1 first, then 2; `undefined`: never. */
  readonly leaveOut: number | undefined;
  /** No cell below its title says anything: it is the first to go. */
  readonly isEmpty?: boolean;
}

/**
 * Fits columns into a line: leaves out those that say nothing, cuts down those that may be cut, the widest first; if that does not suffice, leaves out a column and
 * tries again.
 *
 * @param gap how many characters stand between two columns
 * @returns for each column its width; `null`: it is left out
 */
export function fitColumns(columns: readonly ColumnWidth[], width: number, gap: number): (number | null)[] {
  const kept = new Set(columns.keys());
  if (total(naturalWidths(columns, kept), gap) > width) {
    for (const [index, { isEmpty = false }] of columns.entries()) if (isEmpty) kept.delete(index);
  }
  for (const index of inOrderOfLeavingOut(columns)) {
    if (leastWidth(columns, kept, gap) <= width) break;
    kept.delete(index);
  }
  const widths = naturalWidths(columns, kept);
  for (let excess = total(widths, gap) - width; excess > 0; excess--) {
    const widest = widestCuttable(columns, widths);
    if (widest === null) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

/** How many characters a text takes on a terminal; without colours, and with wide characters as two. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of stripVTControlCharacters(text)) width += wide.test(character) ? 2 : 1;
  return width;
}

/** East Asian wide and full-width characters, and pictures: https://www.unicode.org/reports/tr11/. */
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}]/u;

function inOrderOfLeavingOut(columns: readonly ColumnWidth[]): number[] {
  const rank = (index: number) => columns[index]?.leaveOut ?? Number.POSITIVE_INFINITY;
  return [...columns.keys()].filter((index) => Number.isFinite(rank(index))).sort((a, b) => rank(a) - rank(b));
}

function leastWidth(columns: readonly ColumnWidth[], kept: ReadonlySet<number>, gap: number): number {
  return total(
    columns.map(({ natural, least = natural }, index) => (kept.has(index) ? Math.min(natural, least) : null)),
    gap,
  );
}

function naturalWidths(columns: readonly ColumnWidth[], kept: ReadonlySet<number>): (number | null)[] {
  return columns.map(({ natural }, index) => (kept.has(index) ? natural : null));
}

function total(widths: readonly (number | null)[], gap: number): number {
  const kept = widths.filter((width) => width !== null);
  return kept.reduce((sum, width) => sum + width, 0) + gap * Math.max(kept.length - 1, 0);
}

function widestCuttable(columns: readonly ColumnWidth[], widths: readonly (number | null)[]): number | null {
  let found: number | null = null;
  for (const [index, width] of widths.entries()) {
    const least = columns[index]?.least;
    if (width === null || least === undefined || width <= least) continue;
    if (found === null || width > (widths[found] ?? 0)) found = index;
  }
  return found;
}
