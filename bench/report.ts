import type { Case, Ceiling, Figure, Measured, Unit } from "./case.ts";
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
  readonly figures: readonly Summary[];
  /** What share of each ceiling the first figure is. */
  readonly shares: readonly Share[];
  readonly goals: readonly GoalReport[];
}

/** A figure as a share of a ceiling. */
export interface Share extends Ceiling {
  readonly share: number;
}

/** A goal, in numbers. */
export interface GoalReport {
  readonly figure: string;
  readonly kind: "atLeast" | "atMost";
  readonly bound: number;
  readonly isMet: boolean;
}

/** Sums up the rounds of a case. @param former the cases that were measured before, its ceilings among them */
export function summarize(
  { name, what, ceilings = [], goals = [] }: Case,
  rounds: readonly (readonly Figure[])[],
  former: readonly CaseReport[],
): CaseReport {
  const figures = (rounds[0] ?? []).map(({ name: figure, unit }, index) => {
    const values = rounds.map((round) => round[index]?.value ?? Number.NaN);
    return { figure, unit, median: median(values), low: Math.min(...values), high: Math.max(...values), values };
  });
  const of = measured(former);
  return {
    name,
    what,
    figures,
    shares: ceilings.flatMap((ceiling) => {
      const share = (figures[0]?.median ?? Number.NaN) / of(ceiling.name, ceiling.figure);
      return Number.isNaN(share) ? [] : [{ ...ceiling, share }];
    }),
    goals: goals.flatMap(({ figure, atLeast, atMost }) => {
      const [kind, said] = atLeast === undefined ? (["atMost", atMost] as const) : (["atLeast", atLeast] as const);
      const bound = typeof said === "number" ? said : said(of);
      const value = figures.find((summary) => summary.figure === figure)?.median ?? Number.NaN;
      // What it depends on was not measured.
      if (Number.isNaN(bound)) return [];
      return [{ figure, kind, bound, isMet: kind === "atLeast" ? value >= bound : value <= bound }];
    }),
  };
}

function measured(reports: readonly CaseReport[]): Measured {
  return (name, figure) => {
    const figures = reports.find((report) => report.name === name)?.figures ?? [];
    const found = figure === undefined ? figures[0] : figures.find((summary) => summary.figure === figure);
    return found?.median ?? Number.NaN;
  };
}

/** An aligned table: a line for each figure with its goals, the first of each case with its shares of the ceilings. */
export function table(reports: readonly CaseReport[]): string {
  const head = ["case", "figure", "median", "spread", "unit", "goal", "of the ceiling"];
  const lines = reports.flatMap((report) =>
    report.figures.map((summary, index) => [
      index === 0 ? report.name : "",
      summary.figure,
      rounded(summary.median),
      summary.values.length > 1 ? `${rounded(summary.low)} … ${rounded(summary.high)}` : "",
      summary.unit,
      report.goals
        .filter(({ figure }) => figure === summary.figure)
        .map(goalText)
        .join(", "),
      index === 0 ? report.shares.map(shareText).join(", ") : "",
    ]),
  );
  return aligned([head, ...lines], [2, 3]);
}

/** A table as text: columns padded to their widest cell. @param numbers the columns that are padded at their left */
export function aligned(lines: readonly (readonly string[])[], numbers: readonly number[]): string {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell[numbers.includes(column) ? "padStart" : "padEnd"](widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function goalText({ kind, bound, isMet }: GoalReport): string {
  return `${kind === "atLeast" ? "≥" : "≤"} ${rounded(bound)} ${isMet ? "met" : "missed"}`;
}

function shareText({ name, figure, share }: Share): string {
  return `${rounded(share)} of ${figure === undefined ? name : `${name}, ${figure}`}`;
}

/** Three significant digits, and thousands apart. */
export function rounded(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: 3 });
}
