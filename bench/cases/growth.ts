import { join } from "node:path";
import type { Case, CaseContext, Figure } from "../case.ts";
import { measureDrain } from "../measure/measure-drain.ts";
import { type Content, fillDatabase } from "../processes/fill-database.ts";
import { startSitq } from "../processes/sitq-server.ts";
import { startCrowd } from "../processes/start-crowd.ts";

/** Tasks that are drained each time. */
const drained = 20_000;

/** What grows, and how far. */
const series: Readonly<Record<string, { readonly values: readonly number[]; readonly quick: readonly number[] }>> = {
  backlog: { values: [0, 100_000, 1_000_000, 10_000_000], quick: [0, 10_000] },
  queues: { values: [0, 100, 1_000, 10_000], quick: [0, 100] },
  workers: { values: [0, 10, 100, 1_000], quick: [0, 10] },
  "payload bytes": { values: [20, 200, 2_000, 20_000], quick: [20, 2_000] },
};

/** How a drain's rate changes with what lies around it; docs/performance.md draws it. */
export const growth: Case = {
  name: "growth",
  what: "a drain with room for 64 beside more and more waiting tasks, queues and connected workers, and with larger payloads",
  server: "none",
  async run(context, rounds) {
    const figures: Figure[][] = [];
    for (let round = 0; round < rounds; round++) {
      const ofRound: Figure[] = [];
      for (const [name, { values, quick }] of Object.entries(series)) {
        for (const value of context.quick ? quick : values) {
          context.say(`round ${round + 1}: ${name} ${value}`);
          ofRound.push({ name: `${name} ${value}`, unit: "tasks/s", value: await drainBeside(context, name, value) });
        }
      }
      figures.push(ofRound);
    }
    return figures;
  },
};

const contents: Readonly<Record<string, (value: number) => Content>> = {
  backlog: (pending) => ({ pending }),
  queues: (emptyQueues) => ({ emptyQueues }),
};

async function drainBeside(context: CaseContext, name: string, value: number): Promise<number> {
  const db = join(context.directory, `${name}-${value}.db`);
  // It is filled once; what a round leaves behind are finished tasks, as in life.
  fillOnce(db, contents[name]?.(value) ?? {});
  await using server = await startSitq(db);
  await using _crowd = name === "workers" && value > 0 ? await startCrowd(server.address, value) : null;
  const [warmUpTasks, tasks] = context.quick ? [100, 500] : [drained / 4, drained];
  const bytes = name === "payload bytes" ? { payload: new Uint8Array(value).fill(7) } : {};
  // Awaited here: the server ends with this block.
  return await measureDrain(server, context.say, { queue: `drain-${performance.now()}`, warmUpTasks, tasks, ...bytes });
}

const filled = new Set<string>();

function fillOnce(db: string, content: Content): void {
  if (!filled.has(db)) fillDatabase(db, content);
  filled.add(db);
}
