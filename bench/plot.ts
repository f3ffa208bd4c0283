/** Draws what the case `growth` measured: `node bench/plot.ts RESULTS.json DIRECTORY` writes one SVG for each thing that grew. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import type { CaseReport } from "./report.ts";

/** What was measured at one size. */
interface Point {
  readonly size: number;
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

const [results, directory] = process.argv.slice(2);
if (results === undefined || directory === undefined) {
  console.error("node bench/plot.ts RESULTS.json DIRECTORY");
  process.exitCode = 2;
} else {
  const { cases }: { cases: readonly CaseReport[] } = JSON.parse(readFileSync(results, "utf8"));
  const growth = cases.find(({ name }) => name === "growth");
  mkdirSync(directory, { recursive: true });
  for (const [name, points] of seriesOf(growth)) {
    const file = join(directory, `growth-${name.replaceAll(" ", "-")}.svg`);
    writeFileSync(file, `${await draw(plotOf(name, points))}\n`);
    console.log(file);
  }
}

/** The figures by what grew: a figure is named for it and its size. */
function seriesOf(report: CaseReport | undefined): Map<string, Point[]> {
  const series = new Map<string, Point[]>();
  for (const { figure, median, low, high } of report?.figures ?? []) {
    const cut = figure.lastIndexOf(" ");
    const name = figure.slice(0, cut);
    series.set(name, [...(series.get(name) ?? []), { size: Number(figure.slice(cut + 1)), median, low, high }]);
  }
  return series;
}

/** The medians as a line over evenly spaced sizes, with the lowest and the highest round of each as a bar. */
function plotOf(name: string, points: readonly Point[]): TopLevelSpec {
  const rate = { type: "quantitative", scale: { zero: true }, axis: { format: ",d" } } as const;
  return {
    width: 480,
    height: 180,
    title: `drain, tasks/s, by ${name}`,
    data: { values: [...points] },
    encoding: { x: { field: "size", type: "ordinal", title: name, axis: { format: ",d", labelAngle: 0 } } },
    layer: [
      { mark: { type: "line", point: true }, encoding: { y: { ...rate, field: "median", title: "tasks/s" } } },
      {
        mark: { type: "rule", strokeWidth: 5, opacity: 0.35 },
        encoding: { y: { ...rate, field: "low" }, y2: { field: "high" } },
      },
    ],
  };
}

function draw(plot: TopLevelSpec): Promise<string> {
  return new View(parse(compile(plot).spec)).toSVG();
}
