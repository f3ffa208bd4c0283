import { setTimeout as pause } from "node:timers/promises";
import { createTempDir } from "../../test/harness/temp-dir.ts";
import { quantile } from "../quantile.ts";
import type { Durability, Peer } from "./peer.ts";
import { Load } from "./processes/load.ts";
import { ProcessScope } from "./processes/process-scope.ts";

/** One row of the table: an installed system with one of its settings. */
export interface Row {
  readonly peer: Peer;
  readonly version: string;
  readonly durability: Durability;
}

/** What one round of a row measures: rates in tasks a second, delays in milliseconds. */
export interface Measured {
  readonly singly: number;
  readonly batches: number;
  readonly drain64: number;
  readonly drain256: number;
  readonly idleMedian: number;
  readonly idleP99: number;
}

/** How much is done. */
interface Amounts {
  readonly warmUpTasks: number;
  readonly tasks: number;
  /** Enqueuing ends after this time, and has then stored fewer tasks. */
  readonly warmUpMs: number;
  readonly mostMs: number;
  /** Then as many are added as are missing, in batches, for so long. */
  readonly topUpMs: number;
  readonly warmUpDelays: number;
  readonly delays: number;
  /** Measuring delays ends after this time, too. */
  readonly mostDelaysMs: number;
}

const full: Amounts = {
  warmUpTasks: 10_000,
  tasks: 50_000,
  warmUpMs: 1_500,
  mostMs: 4_000,
  topUpMs: 4_000,
  warmUpDelays: 50,
  delays: 500,
  mostDelaysMs: 10_000,
};
const short: Amounts = {
  warmUpTasks: 100,
  tasks: 500,
  warmUpMs: 300,
  mostMs: 300,
  topUpMs: 300,
  warmUpDelays: 5,
  delays: 20,
  mostDelaysMs: 2_000,
};
/** Between two delays: all that the one before has caused is over then. */
const idleMs = 5;

/** Calls in flight, and tasks of each. */
const single = { inFlight: 64, batch: 1 } as const;
const batched = { inFlight: 4, batch: 100 } as const;

/** Measures a row once, on a fresh server and with fresh processes, of which nothing is left. */
export async function measureRow(
  { peer, version, durability }: Row,
  quick: boolean,
  signal: AbortSignal,
): Promise<Measured> {
  const amounts = quick ? short : full;
  await using directory = await createTempDir();
  await using processes = new ProcessScope(signal);
  const address = await peer.start({ processes, directory: directory.path, durability, version });
  const producer = await Load.start(processes, peer, durability, address);
  const worker = await Load.start(processes, peer, durability, address);

  /** Enqueues, and drains all that is waiting. Answers both rates. */
  async function fillAndDrain(calls: typeof single | typeof batched, concurrency: number): Promise<[number, number]> {
    const { warmUpTasks, warmUpMs, tasks: mostTasks, mostMs, topUpMs } = amounts;
    const warmUp = await producer.ask({ kind: "enqueue", ...calls, mostTasks: warmUpTasks, mostMs: warmUpMs });
    await worker.ask({ kind: "drain", tasks: warmUp.tasks, concurrency });
    const filled = await producer.ask({ kind: "enqueue", ...calls, mostTasks, mostMs });
    const missing = mostTasks - filled.tasks;
    const added = await producer.ask({ kind: "enqueue", ...batched, mostTasks: missing, mostMs: topUpMs });
    await producer.ask({ kind: "maintain" });
    const drained = await worker.ask({ kind: "drain", tasks: filled.tasks + added.tasks, concurrency });
    return [(filled.tasks / filled.ms) * 1_000, (drained.tasks / drained.ms) * 1_000];
  }

  async function delaysOf(count: number, mostMs: number): Promise<number[]> {
    const delays: number[] = [];
    const beganMs = performance.now();
    while (delays.length < count && performance.now() - beganMs < mostMs) {
      const handled = worker.ask({ kind: "nextDelay" });
      await producer.ask({ kind: "enqueueTimed" });
      delays.push((await handled).ms);
      await pause(idleMs);
    }
    return delays;
  }

  const [singly, drain64] = await fillAndDrain(single, 64);
  const [batches, drain256] = await fillAndDrain(batched, 256);
  for (const load of [producer, worker]) await load.ask({ kind: "favourDelay" });
  await worker.ask({ kind: "listen", concurrency: 64 });
  await delaysOf(amounts.warmUpDelays, amounts.mostDelaysMs);
  const delays = await delaysOf(amounts.delays, amounts.mostDelaysMs);
  return { singly, batches, drain64, drain256, idleMedian: quantile(delays, 0.5), idleP99: quantile(delays, 0.99) };
}
