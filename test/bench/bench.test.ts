import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { allCases } from "../../bench/all-cases.ts";
import type { Case, Measured } from "../../bench/case.ts";
import { DelayTally, delayOf, delayQuantile, timedPayload } from "../../bench/measure/delays.ts";
import { payload } from "../../bench/payload.ts";
import { median, quantile } from "../../bench/quantile.ts";
import { summarize, table } from "../../bench/report.ts";
import { environment } from "../harness/server-process.ts";
import { createTempDir } from "../harness/temp-dir.ts";

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
    const { code, stdout, stderr } = await bench("latency", "--quick", "--rounds", "1", "--json", file);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^latency +median +[\d.,]+ +ms +≤ [\d.,]+ (met|missed) +[\d.,]+ of echo, one at a time/m);
    const { machine, cases } = JSON.parse(await readFile(file, "utf8"));
    expect(machine).toMatchObject({ node: process.version, cores: expect.any(Number), sqlite: expect.any(String) });
    // Its ceilings are measured in the same run.
    expect(cases.map(({ name }: { name: string }) => name)).toEqual(["echo", "sync", "latency"]);
    expect(cases[2].figures[0]).toMatchObject({ figure: "median", unit: "ms", values: [expect.any(Number)] });
  });

  it("write a profile of every thread of the server, and say which functions took most", async () => {
    await using dir = await createTempDir();
    const { code, stdout, stderr } = await bench("drain-64", "--quick", "--rounds", "1", "--profile", dir.path);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/\.cpuprofile: busy [\d.]+ % of [\d.]+ s; of that\n +[\d.]+ % {2}\S/);
    expect(stdout).toContain("thread/group-commit.ts");
  });

  it("say which cases there are when they are asked for another one", async () => {
    const { code, stderr } = await bench("nonsense");
    expect(code).toBe(2);
    for (const { name } of allCases) expect(stderr).toContain(name);
  });

  it("name each case once, and ceilings that are cases", () => {
    const names = allCases.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, ceilings = [] } of allCases) {
      for (const ceiling of ceilings) {
        expect(names.indexOf(ceiling.name), `${ceiling.name} before ${name}`).toBeLessThan(names.indexOf(name));
        expect(names).toContain(ceiling.name);
      }
    }
  });
});

describe("the plots", () => {
  it("draw what grew, one file for each", async () => {
    await using dir = await createTempDir();
    const figures = ["backlog 0", "backlog 10000000", "payload bytes 20"].map((figure, index) => {
      return { figure, unit: "tasks/s", median: 1_000 * index, low: 900 * index, high: 1_100 * index, values: [] };
    });
    await writeFile(dir.file("results.json"), JSON.stringify({ cases: [{ name: "growth", figures }] }));
    const plot = resolve(import.meta.dirname, "../../bench/plot.ts");
    await promisify(execFile)(process.execPath, [plot, dir.file("results.json"), dir.path]);
    const backlog = await readFile(dir.file("growth-backlog.svg"), "utf8");
    expect(backlog).toMatch(/^<svg .*<\/svg>\n$/s);
    expect(backlog).toContain(">10,000,000</text>");
    expect(backlog.match(/aria-roledescription="point"/g)).toHaveLength(2);
    expect(await readFile(dir.file("growth-payload-bytes.svg"), "utf8")).toContain("by payload bytes");
  });
});

describe("what they report", () => {
  it("is the median of the rounds, with the lowest and the highest", () => {
    const rounds = [30, 10, 20, 40].map((value) => [{ name: "rate", unit: "tasks/s", value } as const]);
    expect(summarize(some, rounds, []).figures).toEqual([
      { figure: "rate", unit: "tasks/s", median: 25, low: 10, high: 40, values: [30, 10, 20, 40] },
    ]);
  });

  it("is compared with the goals and with the ceilings", () => {
    const of = (value: number) => [[{ name: "rate", unit: "rows/s", value } as const]];
    const top = summarize({ ...some, name: "top" }, of(200), []);
    const goals = [
      { figure: "rate", atLeast: 40 },
      { figure: "rate", atLeast: (measured: Measured) => 0.2 * measured("top") },
    ] as const;
    const ceilings = [{ name: "top", figure: "rate" }];
    const reports = [
      top,
      summarize({ ...some, name: "fast", ceilings, goals }, of(50), [top]),
      summarize({ ...some, name: "slow", ceilings: [{ name: "top" }], goals }, of(30), [top]),
      summarize({ ...some, name: "alone", ceilings, goals }, of(30), []),
      summarize({ ...some, name: "large", goals: [{ figure: "rate", atMost: 20 }] }, of(30), []),
    ];
    const lines = table(reports).split("\n");
    expect(lines[2]).toMatch(/^fast .* ≥ 40 met, ≥ 40 met +0.25 of top, rate$/);
    expect(lines[3]).toMatch(/^slow .* ≥ 40 missed, ≥ 40 missed +0.15 of top$/);
    expect(lines[4]).toMatch(/^alone .* ≥ 40 missed$/);
    expect(lines[5]).toMatch(/^large .* ≤ 20 missed$/);
  });

  it("tells delays apart by a tenth of a millisecond", () => {
    const tally = new DelayTally();
    for (let ms = 1; ms <= 100; ms++) tally.add(ms + 0.05);
    tally.add(1e9);
    const counts = tally.take();
    expect(delayQuantile(counts, 0.5)).toBeCloseTo(51.1);
    expect(delayQuantile(counts, 1)).toBeGreaterThan(5_000);
    expect(tally.take()).toEqual([]);
    expect(delayOf(timedPayload())).toBeLessThan(1_000);
    expect(delayOf(payload)).toBeNull();
  });

  it("has quantiles by the nearest rank", () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([quantile(values, 0.5), quantile(values, 0.99), quantile(values, 1)]).toEqual([50, 99, 100]);
    expect([quantile([7], 0.99), median([3, 1]), median([5, 9, 1])]).toEqual([7, 2, 5]);
  });
});
