import { spawn } from "node:child_process";
import { createSeededRandom } from "../test/harness/seeded-random.ts";
import { environment } from "../test/harness/server-process.ts";
import type { Torture } from "./torture.ts";

/** How often a server is killed in one run of each of the crash tests. */
const killsPerRun = { SITQ_CRASH_KILLS: "20", SITQ_CRASH_EVENT_KILLS: "10" } as const;
const crashTests = ["kill", "events", "workflows"] as const;

/** SIGKILL, over and over: the crash tests in their long form, with other moments each time. Their judges compare what clients were told. */
export const kill: Torture = {
  name: "kill",
  what: "SIGKILL at any moment, a third of them during start: tasks, events, workflows; history against the file",
  missing: () => null,

  async run({ untilMs, seed, say }) {
    const random = createSeededRandom(seed);
    const counts = { runs: 0, kills: 0 };
    const faults: string[] = [];
    // A run too short for all of them begins with another one each time.
    const first = random.integer(0, crashTests.length - 1);
    const inTurn = [...crashTests.slice(first), ...crashTests.slice(0, first)];
    do {
      for (const name of inTurn) {
        const runSeed = random.integer(0, 2 ** 32 - 1);
        const { passed, output } = await crashTest(name, runSeed);
        counts.runs++;
        counts.kills += Number(/: (\d+) kills/.exec(output)?.[1] ?? 0);
        for (const line of output.split("\n")) if (/^crash test|^ {2}\S/.test(line)) say(line.trim());
        if (!passed) faults.push(`test/crash/${name}.test.ts with SITQ_CRASH_SEED=${runSeed}:\n${output}`);
        if (performance.now() >= untilMs) break;
      }
    } while (performance.now() < untilMs);
    return { counts, faults };
  },
};

function crashTest(name: string, seed: number): Promise<{ readonly passed: boolean; readonly output: string }> {
  const env = { ...environment(), ...killsPerRun, SITQ_CRASH_SEED: String(seed), NO_COLOR: "1" };
  const args = ["node_modules/vitest/vitest.mjs", "run", `test/crash/${name}.test.ts`, "--reporter=dot"];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output = (output + text).slice(-20_000);
      });
    }
    child.once("error", reject);
    child.once("close", (code) => resolve({ passed: code === 0, output }));
  });
}
