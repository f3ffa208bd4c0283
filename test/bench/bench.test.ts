import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { allCases } from "../../bench/all-cases.ts";
import type { Case } from "../../bench/case.ts";
import { median, quantile } from "../../bench/quantile.ts";
import { summarize, table } from "../../bench/report.ts";
import { environment } from "../support/server-process.ts";
import { createTempDir } from "../support/temp-dir.ts";

/** Runs the benchmarks as `npm run bench --` does. */
function bench(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((onEnd) => {
    const main = resolve(import.meta.dirname, "../../bench/main.ts");
    execFile(process.execPath, [main, ...args], { env: environment() }, (error, stdout, stderr) => {
      onEnd({ code: Number(error?.code ?? 0), stdout, stderr });
    });
  });
}

/** A case that nobody runs. */
const some: Case = { name: "some", what: "", server: "none", run: async () => [] };

describe("the benchmarks", () => {
  it("run a case against a server, and say what it came to with the machine", async () => {
    await using dir = await createTempDir();
    const file = dir.file("results.json");
    const { code, stdout, stderr } = await bench("latency", "rows", "--quick", "--rounds", "1", "--json", file);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^latency +median +[\d.,]+ +ms +≤ 2/m);
    const { machine, cases } = JSON.parse(await readFile(file, "utf8"));
    expect(machine).toMatchObject({ node: process.version, cores: expect.any(Number), sqlite: expect.any(String) });
    expect(cases.map(({ name }: { name: string }) => name)).toEqual(["rows", "latency"]);
    expect(cases[1].figures[0]).toMatchObject({ figure: "median", unit: "ms", values: [expect.any(Number)] });
  });

  it("say which cases there are when they are asked for another one", async () => {
    const { code, stderr } = await bench("nonsense");
    expect(code).toBe(2);
    for (const { name } of allCases) expect(stderr).toContain(name);
  });

  it("name each case once, and ceilings that are cases", () => {
    const names = allCases.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { ceiling } of allCases) if (ceiling !== undefined) expect(names).toContain(ceiling);
  });
});

describe("what they report", () => {
  it("is the median of the rounds, with the lowest and the highest", () => {
    const rounds = [30, 10, 20, 40].map((value) => [{ name: "rate", unit: "tasks/s", value } as const]);
    expect(summarize(some, rounds).figures).toEqual([
      { figure: "rate", unit: "tasks/s", median: 25, low: 10, high: 40, values: [30, 10, 20, 40] },
    ]);
  });

  it("is compared with the goal and with the ceiling", () => {
    const of = (value: number) => [[{ name: "rate", unit: "rows/s", value } as const]];
    const reports = [
      summarize({ ...some, name: "top" }, of(200)),
      summarize({ ...some, name: "fast", ceiling: "top", goal: { atLeast: 40 } }, of(50)),
      summarize({ ...some, name: "slow", ceiling: "top", goal: { atLeast: 40 } }, of(30)),
      summarize({ ...some, name: "large", goal: { atMost: 20 } }, of(30)),
    ];
    const lines = table(reports).split("\n");
    expect(lines[2]).toMatch(/^fast .* ≥ 40 met +25 % of top$/);
    expect(lines[3]).toMatch(/^slow .* ≥ 40 missed +15 % of top$/);
    expect(lines[4]).toMatch(/^large .* ≤ 20 missed$/);
  });

  it("has quantiles by the nearest rank", () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([quantile(values, 0.5), quantile(values, 0.99), quantile(values, 1)]).toEqual([50, 99, 100]);
    expect([quantile([7], 0.99), median([3, 1]), median([5, 9, 1])]).toEqual([7, 2, 5]);
  });
});
