import type { Case, Figure, Unit } from "./case.ts";
import { median } from "./quantile.ts";

/** What the rounds of a case came to, for one of its figures. */
export interface Summary {
  readonly figure: string;
  readonly unit: Unit;
  readonly median: number;
  readonly low: number;
  readonly high: number;
  /** One for each round. */
  readonly values: readonly number[];
}

/** What a case came to. */
export interface CaseReport {
  readonly name: string;
  readonly what: string;
  readonly ceiling: string | null;
  readonly goal: Case["goal"] | null;
  readonly figures: readonly Summary[];
}

/** Sums up the rounds of a case. */
export function summarize({ name, what, ceiling, goal }: Case, rounds: readonly (readonly Figure[])[]): CaseReport {
  const figures = (rounds[0] ?? []).map(({ name: figure, unit }, index) => {
    const values = rounds.map((round) => round[index]?.value ?? Number.NaN);
    return { figure, unit, median: median(values), low: Math.min(...values), high: Math.max(...values), values };
  });
  return { name, what, ceiling: ceiling ?? null, goal: goal ?? null, figures };
}

/** An aligned table: a line for each figure, the first of each case with its goal and its share of the ceiling. */
export function table(reports: readonly CaseReport[]): string {
  const head = ["case", "figure", "median", "spread", "unit", "goal", "of the ceiling"];
  const lines = reports.flatMap((report) =>
    report.figures.map((summary, index) => [
      index === 0 ? report.name : "",
      summary.figure,
      rounded(summary.median),
      summary.values.length > 1 ? `${rounded(summary.low)} … ${rounded(summary.high)}` : "",
      summary.unit,
      index === 0 ? goalText(report) : "",
      index === 0 ? ceilingText(report, reports) : "",
    ]),
  );
  const widths = head.map((_, column) => Math.max(...[head, ...lines].map((line) => line[column]?.length ?? 0)));
  const isNumber = (column: number) => column === 2 || column === 3 || column === 6;
  return [head, ...lines]
    .map((line) =>
      line
        .map((cell, column) => cell[isNumber(column) ? "padStart" : "padEnd"](widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function goalText({ goal, figures: [first] }: CaseReport): string {
  if (goal === null || goal === undefined || first === undefined) return "";
  const isMet = "atLeast" in goal ? first.median >= goal.atLeast : first.median <= goal.atMost;
  const bound = "atLeast" in goal ? `≥ ${rounded(goal.atLeast)}` : `≤ ${rounded(goal.atMost)}`;
  return `${bound} ${isMet ? "met" : "missed"}`;
}

function ceilingText({ ceiling, figures: [first] }: CaseReport, reports: readonly CaseReport[]): string {
  const above = reports.find(({ name }) => name === ceiling)?.figures[0];
  if (above === undefined || first === undefined) return "";
  return `${Math.round((first.median / above.median) * 100)} % of ${ceiling}`;
}

/** Three significant digits, and thousands apart. */
function rounded(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: 3 });
}
