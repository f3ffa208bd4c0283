/** Draws what the case `growth` measured: `node bench/plot.ts RESULTS.json DIRECTORY` writes one SVG for each thing that grew. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CaseReport } from "./report.ts";

/** A measured value with its spread. */
interface Point {
  readonly at: number;
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

const size = { width: 560, height: 260, left: 70, right: 20, top: 34, bottom: 44 } as const;

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
    writeFileSync(file, draw(name, points));
    console.log(file);
  }
}

/** The figures by what grew: a figure is named for it and its size. */
function seriesOf(report: CaseReport | undefined): Map<string, Point[]> {
  const series = new Map<string, Point[]>();
  for (const { figure, median, low, high } of report?.figures ?? []) {
    const cut = figure.lastIndexOf(" ");
    const name = figure.slice(0, cut);
    series.set(name, [...(series.get(name) ?? []), { at: Number(figure.slice(cut + 1)), median, low, high }]);
  }
  return series;
}

/** A line over evenly spaced sizes, with the lowest and the highest round of each as a bar. */
function draw(name: string, points: readonly Point[]): string {
  const { width, height, left, right, top, bottom } = size;
  const most = Math.max(...points.map(({ high }) => high)) * 1.1;
  const x = (index: number) => left + ((width - left - right) * (index + 0.5)) / points.length;
  const y = (rate: number) => top + (height - top - bottom) * (1 - rate / most);
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = y(most * share);
    return (
      `<line x1="${left}" x2="${width - right}" y1="${px(at)}" y2="${px(at)}" stroke="#ddd"/>` +
      `<text x="${left - 8}" y="${px(at + 4)}" text-anchor="end">${words(most * share)}</text>`
    );
  });
  const line = points.map(({ median }, index) => `${px(x(index))},${px(y(median))}`).join(" ");
  const marks = points.map(({ at, median, low, high }, index) => {
    const cx = px(x(index));
    return (
      `<line x1="${cx}" x2="${cx}" y1="${px(y(low))}" y2="${px(y(high))}" stroke="#2a6f97" stroke-width="5" opacity="0.35"/>` +
      `<circle cx="${cx}" cy="${px(y(median))}" r="3.5" fill="#2a6f97"/>` +
      `<text x="${cx}" y="${height - bottom + 18}" text-anchor="middle">${words(at)}</text>`
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#333">
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="${left}" y="20" font-size="14">drain, tasks/s, by ${name}</text>
${grid.join("\n")}
<polyline points="${line}" fill="none" stroke="#2a6f97" stroke-width="2"/>
${marks.join("\n")}
<text x="${(left + width - right) / 2}" y="${height - 6}" text-anchor="middle">${name}</text>
</svg>
`;
}

function px(value: number): string {
  return value.toFixed(1);
}

function words(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: 3 });
}
