import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Case, CaseContext, Figure } from "../case.ts";
import { cpuSeconds } from "../measure/cpu-time.ts";
import { measureDrain } from "../measure/measure-drain.ts";
import { type Content, fillDatabase } from "../processes/fill-database.ts";
import { startSitq } from "../processes/sitq-server.ts";
import { startCrowd } from "../processes/start-crowd.ts";

/** What those who wait cost those who work, and what they cost when nobody works. */
export const crowd: Case = {
  name: "crowd",
  what: "a million scheduled tasks, 10,000 queues, 1,000 connected workers: what they do to a drain, and to an idle server",
  server: "none",
  goals: [
    { figure: "drain with scheduled tasks", atLeast: 0.9 },
    { figure: "drain with queues", atLeast: 0.9 },
    { figure: "drain with workers", atLeast: 0.9 },
    { figure: "idle", atMost: 2 },
  ],
  async run(context, rounds) {
    const [scheduled, emptyQueues, workers] = context.quick ? [10_000, 500, 50] : [1_000_000, 10_000, 1_000];
    const files = { nothing: {}, scheduled: { scheduled }, queues: { emptyQueues }, all: { scheduled, emptyQueues } };
    for (const [name, content] of Object.entries<Content>(files)) {
      context.say(`filling a database: ${name}`);
      fillDatabase(join(context.directory, name), content);
    }
    const figures: Figure[][] = [];
    for (let round = 0; round < rounds; round++) {
      context.say(`round ${round + 1}`);
      const alone = await drainOn(context, "nothing", 0);
      const rates = {
        "drain with scheduled tasks": await drainOn(context, "scheduled", 0),
        "drain with queues": await drainOn(context, "queues", 0),
        "drain with workers": await drainOn(context, "nothing", workers),
      };
      figures.push([
        ...Object.entries(rates).map(([name, rate]) => ({ name, unit: "ratio" as const, value: rate / alone })),
        { name: "idle", unit: "%", value: (await idleShare(context, workers)) * 100 },
        { name: "drain alone", unit: "tasks/s", value: alone },
      ]);
    }
    return figures;
  },
};

/** A drain on a copy of a database: what it leaves behind is not there the next time. */
async function drainOn(context: CaseContext, content: string, workers: number): Promise<number> {
  await using server = await startOn(context, content);
  await using _crowd = workers > 0 ? await startCrowd(server.address, workers) : null;
  const [warmUpTasks, tasks] = context.quick ? [200, 2_000] : [10_000, 50_000];
  // Awaited here: the server ends with this block.
  return await measureDrain(server, context.say, { queue: "drain", warmUpTasks, tasks });
}

/** How much of a core the server takes while all of it waits. */
async function idleShare(context: CaseContext, workers: number): Promise<number> {
  await using server = await startOn(context, "all");
  await using _crowd = await startCrowd(server.address, workers);
  // A round of retention is in it, which comes once a minute.
  const [settleMs, spanMs] = context.quick ? [500, 1_000] : [10_000, 70_000];
  await pause(settleMs);
  const before = cpuSeconds(server.pid);
  await pause(spanMs);
  return (cpuSeconds(server.pid) - before) / (spanMs / 1_000);
}

function startOn({ directory }: CaseContext, content: string) {
  const db = join(directory, "in-use.db");
  copyFileSync(join(directory, content), db);
  return startSitq(db);
}
