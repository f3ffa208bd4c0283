import { randomBytes } from "node:crypto";
import { mkdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "../../test/crash/harness/offline.ts";
import { createSeededRandom } from "../../test/harness/seeded-random.ts";
import { type ServerProcess, spawnServer } from "../../test/harness/server-process.ts";
import { createTempDir } from "../../test/harness/temp-dir.ts";
import { type Load, startLoad } from "../load.ts";
import { missingProgram } from "../programs.ts";
import type { Torture } from "../torture.ts";
import { cutModes, DiskFile } from "./disk-file.ts";
import { type FileOperation, readStraceLog, straceFlags } from "./strace-log.ts";

/** How long a server is recorded, in milliseconds. */
const recordMs = 3_000;
/** How many cuts are judged of one recording. */
const cutsPerRecording = 120;

/**
 * Power cuts. A server is recorded while it works: each write and each fsync with its bytes. Then the power is cut in thought, at any
 * moment: what was not synced is lost, there in part, or torn at 512 bytes. What is left is opened, and must hold all that was
 * acknowledged before that moment. The same with `--synchronous normal` must lose something: if it does not, the test sees nothing.
 */
export const power: Torture = {
  name: "power",
  what: "power cuts: writes without fsync lost, in part or torn; nothing acknowledged may be missing",
  missing: () => missingProgram("strace"),

  async run({ untilMs, seed, say }) {
    const random = createSeededRandom(seed);
    const counts = { recordings: 0, "file operations": 0, fsyncs: 0, acknowledgements: 0, cuts: 0 };
    const faults: string[] = [];
    const caught = await cutOnce("normal", createSeededRandom(seed));
    if (caught.cutsWithFaults === 0) {
      faults.push("--synchronous normal lost nothing in any cut: the recording does not show what it should");
    }
    do {
      const result = await cutOnce("full", random);
      counts.recordings++;
      counts["file operations"] += result.operations.length;
      counts.fsyncs += result.operations.filter(({ change }) => change.kind === "sync").length;
      counts.acknowledgements += result.acknowledgements;
      counts.cuts += result.cuts;
      faults.push(...result.faults);
      say(`${counts.cuts} cuts in ${counts.fsyncs} fsyncs, ${faults.length} faults`);
    } while (performance.now() < untilMs);
    return {
      counts: { ...counts, [`of ${caught.cuts} cuts with --synchronous normal lost something`]: caught.cutsWithFaults },
      faults,
    };
  },
};

interface CutResult {
  readonly operations: readonly FileOperation[];
  readonly acknowledgements: number;
  readonly cuts: number;
  readonly cutsWithFaults: number;
  readonly faults: string[];
}

async function cutOnce(synchronous: "full" | "normal", random: ReturnType<typeof createSeededRandom>) {
  await using dir = await createTempDir();
  const { operations, load } = await record(await realpath(dir.path), synchronous);
  const moments = new Set(
    Array.from({ length: cutsPerRecording }, () => random.integer(0, Math.max(operations.length - 1, 0))),
  );
  const files = { database: new DiskFile(), wal: new DiskFile() };
  const faults: string[] = [];
  let cuts = 0;
  let cutsWithFaults = 0;
  for (const [index, { file, change, atMs }] of operations.entries()) {
    if (moments.has(index)) {
      const mode = random.pick(cutModes);
      const place = dir.file(`cut-${cuts++}`);
      await mkdir(place);
      await writeFile(`${place}/sitq.db`, files.database.afterCut(mode, random));
      await writeFile(`${place}/sitq.db-wal`, files.wal.afterCut(mode, random));
      const found = judged(`${place}/sitq.db`, load, atMs);
      if (found.length > 0) cutsWithFaults++;
      for (const fault of found) {
        faults.push(`cut before operation ${index} of ${operations.length}, ${mode} of what was not synced: ${fault}`);
      }
      await rm(place, { recursive: true });
    }
    if (change.kind === "sync") files[file].sync();
    else files[file].change(change);
  }
  const result: CutResult = { operations, acknowledgements: load.count, cuts, cutsWithFaults, faults };
  return result;
}

/** Records a server under load from its first write on. */
async function record(directory: string, synchronous: string): Promise<{ operations: FileOperation[]; load: Load }> {
  const [db, log] = [`${directory}/sitq.db`, `${directory}/strace.log`];
  const under = ["strace", ...straceFlags, "-o", log];
  const args = ["--synchronous", synchronous, "--log-level", "warn"];
  const server: ServerProcess = spawnServer({ db, args, under });
  try {
    const load = startLoad(await server.started, randomBytes(3).toString("hex"));
    await sleep(recordMs);
    await server.kill();
    await load.stop();
    return { operations: readStraceLog(await readFile(log, "latin1"), db), load };
  } finally {
    await server.kill();
  }
}

/** What is wrong with what a cut has left. Before the first commit there is no table to look into. */
function judged(db: string, load: Load, atMs: number): string[] {
  const acknowledged = load.acknowledged(atMs);
  const isEmpty = acknowledged.requestIds.length === 0 && (acknowledged.eventIds ?? []).length === 0;
  try {
    return inspect(db, acknowledged);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return isEmpty && /no such table/.test(text) ? [] : [text];
  }
}
