import Table from "cli-table3";
import { displayWidth, fitColumns, type Layout } from "./layout.ts";
import type { Paint } from "./paint.ts";

/** One column of a table. */
export interface Column<Row> {
  readonly title: string;
  /** What the cell says, painted or not. */
  readonly cell: (row: Row, paint: Paint) => string;
  /** Default left. */
  readonly align?: "left" | "right";
  /** Where the terminal is narrow: how many characters are left of its cells at least. Default: all. */
  readonly least?: number;
  /** Where that does not suffice: which column is left out first (1), then (2) and so on. Default: never. */
  readonly leaveOut?: number;
}

const noBorders = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
};

/** Rows below their titles, without borders; columns are cut or left out where they do not fit into the layout's width. */
export function tableText<Row>(columns: readonly Column<Row>[], rows: readonly Row[], layout: Layout): string {
  const { paint, width } = layout;
  const lines = [
    columns.map(({ title }) => paint.dim(title)),
    ...rows.map((row) => columns.map(({ cell }) => cell(row, paint))),
  ];
  const wanted = columns.map(({ least, leaveOut }, index) => ({
    natural: Math.max(...lines.map((cells) => displayWidth(cells[index] ?? ""))),
    least,
    leaveOut,
    isEmpty: rows.length > 0 && lines.slice(1).every((cells) => (cells[index] ?? "") === ""),
  }));
  const widths = fitColumns(wanted, width, noBorders.middle.length);
  const kept = [...columns.keys()].filter((index) => widths[index] !== null);
  const table = newTable(
    kept.map((index) => columns[index]?.align ?? "left"),
    kept.map((index) => widths[index] ?? 0),
  );
  for (const cells of lines) table.push(kept.map((index) => cells[index] ?? ""));
  return withoutTrailingBlanks(table.toString());
}

/** Facts, one a line: what it is, what it says. Facts that say nothing are left out. */
export function factsText(facts: readonly (readonly [name: string, value: string])[], paint: Paint): string {
  const table = newTable(["left", "left"]);
  for (const [name, value] of facts) if (value !== "") table.push([paint.dim(name), value]);
  return withoutTrailingBlanks(table.toString());
}

function newTable(colAligns: ("left" | "right")[], colWidths: number[] = []): InstanceType<typeof Table> {
  const style = { "padding-left": 0, "padding-right": 0, head: [], border: [] };
  return new Table({ chars: noBorders, style, colAligns, colWidths });
}

function withoutTrailingBlanks(text: string): string {
  return text.replace(/ +$/gm, "");
}
