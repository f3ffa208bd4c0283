import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { freePort } from "../harness/server-process.ts";
import { createTempDir } from "../harness/temp-dir.ts";

/** Why the tests that need Prometheus cannot run; `null`: it is there. */
export const missing = ["promtool", "prometheus"].every((name) => spawnSync(name, ["--version"]).error === undefined)
  ? null
  : "promtool and prometheus are not on the PATH (.ci/run installs them)";

/** What one run of promtool came to. */
export interface PromtoolRun {
  readonly code: number | null;
  /** What it wrote, to either output. */
  readonly output: string;
}

/** Runs promtool. */
export function promtool(args: readonly string[], input = ""): PromtoolRun {
  const { status, stdout, stderr } = spawnSync("promtool", args, { input, encoding: "utf8" });
  return { code: status, output: `${stdout}${stderr}` };
}

/** One series of an answer, with its value. */
export interface Answered {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A Prometheus that scrapes a server. */
export interface Prometheus {
  /** Evaluates an expression. It rejects with Prometheus' own text. */
  query(expr: string): Promise<Answered[]>;
  /** Resolves once it has scraped the server well so many times from now on; the second scrape begins after the call. */
  scraped(times: number): Promise<void>;
  /** Resolves once a scrape has failed for a reason with this text. */
  failed(text: string): Promise<void>;
}

/** Starts one, with the scrape config of a job `sitq`. It ends with the test. */
export async function startPrometheus(scrapeConfig: string, rules: string | null = null): Promise<Prometheus> {
  const dir = await createTempDir();
  const port = await freePort();
  const config = dir.file("prometheus.yml");
  const ruleFiles = rules === null ? "" : `rule_files: [${JSON.stringify(rules)}]\n`;
  await writeFile(
    config,
    `global: { scrape_interval: 2s, scrape_timeout: 2s, evaluation_interval: 2s }\n${ruleFiles}${scrapeConfig}`,
  );
  const listen = `--web.listen-address=127.0.0.1:${port}`;
  const args = [`--config.file=${config}`, `--storage.tsdb.path=${dir.file("data")}`, listen, "--log.level=error"];
  const child = spawn("prometheus", args, { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.on("data", (text) => {
    log += text;
  });
  const exited = once(child, "exit");
  onTestFinished(async () => {
    child.kill("SIGTERM");
    await exited;
    await dir.remove();
  });

  async function api<T>(path: string): Promise<T> {
    for (;;) {
      const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`).catch(() => null);
      if (response !== null && response.status !== 503) {
        const answer: { status: string; data: T; error?: string } = JSON.parse(await response.text());
        if (answer.status !== "success") throw new Error(answer.error);
        return answer.data;
      }
      if (child.exitCode !== null) throw new Error(`prometheus ended: ${log}`);
      // It listens when it is ready, and says so to nobody.
      await sleep(50);
    }
  }

  async function query(expr: string): Promise<Answered[]> {
    const parameters = new URLSearchParams({ query: expr });
    const { result } = await api<{ result: { metric: Record<string, string>; value: [number, string] }[] }>(
      `query?${parameters}`,
    );
    return result.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }));
  }

  return {
    query,
    async scraped(times) {
      // On a busy machine one may time out.
      const count = async () => (await query('sum_over_time(up{job="sitq"}[1h])'))[0]?.value ?? 0;
      const before = await count();
      while ((await count()) < before + times) await sleep(50);
    },
    async failed(text) {
      const lastError = async () =>
        (await api<{ activeTargets: { lastError: string }[] }>("targets")).activeTargets[0]?.lastError ?? "";
      while (!(await lastError()).includes(text)) await sleep(50);
    },
  };
}
