import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { databaseFaults, serverFaults } from "../test/crash/harness/data/database-faults.ts";
import { isPostgresMissing } from "../test/harness/databases/postgres.ts";
import { createSeededRandom } from "../test/harness/seeded-random.ts";
import { environment } from "../test/harness/server-process.ts";
import type { Torture } from "./torture.ts";

/** How often a server is killed in one run of each of the crash tests, unless `--kills` says it. */
const usualKills = 20;
const usualEventKills = 10;
const crashTests = ["kill", "events", "workflows"] as const;

/** How often a database is killed whose commits need not be on the disk. */
const lossyKills = 4;

/** SIGKILL, over and over: the crash tests in their long form, with other moments each time. Their judges compare what clients were told. */
export const kill: Torture = {
  name: "kill",
  what: "SIGKILL at any moment, a third of them during start: tasks, events, workflows; history against the data. On PostgreSQL the database is hurt as well, and servers that share it stand still",
  missing: (store) => (store === "postgres" && isPostgresMissing ? "PostgreSQL is not installed" : null),

  async run({ untilMs, seed, store, kills, servers = 1, say }) {
    const random = createSeededRandom(seed);
    const counts: Record<string, number> = { runs: 0, kills: 0 };
    const faults: string[] = [];
    // A run too short for all of them begins with another one each time.
    const first = random.integer(0, crashTests.length - 1);
    const inTurn = [...crashTests.slice(first), ...crashTests.slice(0, first)];
    do {
      for (const name of inTurn) {
        // A server that stands still is judged by those that have work all the time.
        const forServers = servers > 1 && name !== "workflows" ? serverFaults : [];
        // Each once and a kill once more, in another order each time; of a run with few kills some.
        const asked =
          store === "postgres" ? random.shuffled([...databaseFaults, ...forServers, "kill"]).slice(0, kills) : [];
        const env = {
          SITQ_CRASH_KILLS: String(kills ?? usualKills),
          SITQ_CRASH_EVENT_KILLS: String(kills ?? usualEventKills),
          SITQ_CRASH_SEED: String(random.integer(0, 2 ** 32 - 1)),
          SITQ_CRASH_STORE: store,
          SITQ_CRASH_SERVERS: String(servers),
          SITQ_CRASH_FAULTS: asked.join(),
        };
        const { passed, output } = await crashTest(name, env);
        counts.runs = (counts.runs ?? 0) + 1;
        counts.kills = (counts.kills ?? 0) + Number(/: (\d+) kills/.exec(output)?.[1] ?? 0);
        for (const [, fault] of output.matchAll(/^crash test: fault (\S+)/gm)) {
          counts[`fault: ${fault}`] = (counts[`fault: ${fault}`] ?? 0) + 1;
        }
        for (const line of output.split("\n")) if (/^crash test|^ {2}\S/.test(line)) say(line.trim());
        if (!passed) faults.push(`test/crash/${name}.test.ts with ${wordsOf(env)}:\n${output}`);
        if (performance.now() >= untilMs) break;
      }
    } while (performance.now() < untilMs);
    if (store === "postgres") {
      const lost = await killLossyDatabase(say);
      counts["lost with synchronous_commit off"] = lost;
      if (lost === 0) faults.push("with synchronous_commit off nothing was lost: the judge sees nothing");
    }
    return { counts, faults };
  },
};

/** Kills a database that answers commits before they are on the disk: then something must be missing. Answers how much is. */
async function killLossyDatabase(say: (progress: string) => void): Promise<number> {
  const env = {
    SITQ_CRASH_STORE: "postgres",
    SITQ_CRASH_KILLS: String(lossyKills),
    SITQ_CRASH_FAULTS: Array.from({ length: lossyKills }, () => "kill").join(),
    SITQ_CRASH_SYNCHRONOUS_COMMIT: "off",
  };
  const { output } = await crashTest("kill", env);
  const lost = [...output.matchAll(/^left: .*(acknowledged, and not there|completions were settled)/gm)].length;
  say(`with synchronous_commit off ${lost} acknowledgements were lost`);
  return lost;
}

function wordsOf(env: Readonly<Record<string, string>>): string {
  return Object.entries(env)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

function crashTest(
  name: string,
  asked: Readonly<Record<string, string>>,
): Promise<{ readonly passed: boolean; readonly output: string }> {
  // Not in memory: a disk takes its time.
  const env = { ...environment(), TMPDIR: tmpdir(), ...asked, NO_COLOR: "1" };
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
