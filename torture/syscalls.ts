import { setTimeout as sleep } from "node:timers/promises";
import { inspectCopy } from "../test/crash/harness/offline.ts";
import { createSeededRandom } from "../test/harness/seeded-random.ts";
import { type Exit, type ServerProcess, spawnServer } from "../test/harness/server-process.ts";
import { createTempDir } from "../test/harness/temp-dir.ts";
import { type Load, startLoad } from "./load.ts";
import { missingProgram } from "./programs.ts";
import type { Torture } from "./torture.ts";

/** One kind of fault: which system calls fail, how, and what the server must do. */
interface Fault {
  readonly calls: string;
  readonly error: "EIO" | "ENOSPC";
  /** Whether each call from the Nth on fails, and not the Nth alone. */
  readonly stays: boolean;
}

const kinds: readonly Fault[] = [
  { calls: "fsync,fdatasync", error: "EIO", stays: false },
  { calls: "fsync,fdatasync", error: "EIO", stays: true },
  { calls: "pwrite64", error: "EIO", stays: false },
  { calls: "pwrite64", error: "ENOSPC", stays: false },
  { calls: "pwrite64", error: "ENOSPC", stays: true },
  { calls: "ftruncate", error: "EIO", stays: false },
];

/** The Nth call fails, for N up to this. */
const largestN = 60;
/** How long the load goes on, in milliseconds. */
const loadMs = 1_500;
/** How long a server may take to listen, or to refuse, under strace on a busy machine, in milliseconds. */
const startMs = 60_000;
/** How long a call may wait for an answer before it counts as one that hangs, in milliseconds. */
const longestWaitMs = 12_000;

/** The Nth system call on the files fails. */
export const syscalls: Torture = {
  name: "syscalls",
  what: "the Nth fsync, write or truncation fails (EIO, ENOSPC): a clean stop or going on, no hang, nothing lost",
  missing: () => missingProgram("strace"),

  async run({ untilMs, seed, say }) {
    const random = createSeededRandom(seed);
    const counts = { runs: 0, "refused at start": 0, "stopped by themselves": 0, "went on": 0, acknowledgements: 0 };
    const faults: string[] = [];
    do {
      const kind = random.pick(kinds as [Fault, ...Fault[]]);
      const n = random.integer(1, largestN);
      const name = `${kind.error} of ${kind.calls} number ${n}${kind.stays ? " and all that follow" : ""}`;
      const { end, acknowledgements, wrong } = await runOnce(kind, n);
      counts.runs++;
      counts[end]++;
      counts.acknowledgements += acknowledgements;
      faults.push(...wrong.map((text) => `${name}: ${text}`));
      say(`${counts.runs} runs, the last: ${name}: ${end}; ${faults.length} faults`);
    } while (performance.now() < untilMs);
    return { counts, faults };
  },
};

interface RunResult {
  readonly end: "refused at start" | "stopped by themselves" | "went on";
  readonly acknowledgements: number;
  readonly wrong: readonly string[];
}

async function runOnce({ calls, error, stays }: Fault, n: number): Promise<RunResult> {
  await using dir = await createTempDir();
  const db = dir.file("sitq.db");
  const inject = `inject=${calls}:error=${error}:when=${n}${stays ? "+" : ""}`;
  const under = ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "--seccomp-bpf", "-e", `trace=${calls}`, "-e", inject];
  await using server = spawnServer({ db, args: ["--log-level", "warn"], under });
  const address = await withinMs(
    startMs,
    server.started.catch(() => null),
  );
  if (address === undefined) return { end: "went on", acknowledgements: 0, wrong: ["it neither listens nor ends"] };
  if (address === null)
    return { end: "refused at start", acknowledgements: 0, wrong: wrongEnd(await server.exited, server) };

  const load = startLoad(address, "s");
  const ended = await withinMs(loadMs, server.exited);
  const hangs = ended === undefined && load.waitingMs() > longestWaitMs ? ["a call hangs"] : [];
  const wrong = [...hangs, ...(ended === undefined ? [] : wrongEnd(ended, server))];
  await server.kill();
  await load.stop();
  wrong.push(...(await leftBehind(db, dir.file("copy.db"), load)));
  return { end: ended === undefined ? "went on" : "stopped by themselves", acknowledgements: load.count, wrong };
}

/** A server that gives up says why, with the exit code for it. */
function wrongEnd({ code, signal }: Exit, { log }: ServerProcess): string[] {
  if (code !== 1) return [`it ended with ${signal ?? code}: ${log}`];
  return log.trim() === "" ? ["it ended and said nothing"] : [];
}

/** What is wrong with the files. */
async function leftBehind(db: string, copy: string, load: Load): Promise<string[]> {
  try {
    return await inspectCopy(db, copy, load.acknowledged());
  } catch (error) {
    return load.count === 0 ? [] : [error instanceof Error ? error.message : String(error)];
  }
}

/** What the promise resolves with, or `undefined` if the time is over before. */
async function withinMs<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  const patience = new AbortController();
  const late = sleep(ms, undefined, { signal: patience.signal }).catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    patience.abort();
  }
}
