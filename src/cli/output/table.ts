import Table from "cli-table3";
import type { Paint } from "./paint.ts";

/** One column of a table. */
export interface Column<Row> {
  readonly title: string;
  /** What the cell says, painted or not. */
  readonly cell: (row: Row, paint: Paint) => string;
  /** Default left. */
  readonly align?: "left" | "right";
}

const noBorders = {
  ...{ top: "", "top-mid": "", "top-left": "", "top-right": "", bottom: "", "bottom-mid": "", "bottom-left": "" },
  ...{ "bottom-right": "", left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: "  " },
};

/** Rows below their titles, each column as wide as its widest cell, without borders. */
export function tableText<Row>(columns: readonly Column<Row>[], rows: readonly Row[], paint: Paint): string {
  const table = newTable(columns.map(({ align = "left" }) => align));
  table.push(columns.map(({ title }) => paint.dim(title)));
  for (const row of rows) table.push(columns.map(({ cell }) => cell(row, paint)));
  return withoutTrailingBlanks(table.toString());
}

/** Facts, one a line: what it is, what it says. Facts that say nothing are left out. */
export function factsText(facts: readonly (readonly [name: string, value: string])[], paint: Paint): string {
  const table = newTable(["left", "left"]);
  for (const [name, value] of facts) if (value !== "") table.push([paint.dim(name), value]);
  return withoutTrailingBlanks(table.toString());
}

function newTable(colAligns: ("left" | "right")[]): InstanceType<typeof Table> {
  const style = { "padding-left": 0, "padding-right": 0, head: [], border: [] };
  return new Table({ chars: noBorders, style, colAligns });
}

function withoutTrailingBlanks(text: string): string {
  return text.replace(/ +$/gm, "");
}
