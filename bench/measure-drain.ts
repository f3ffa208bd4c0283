import { connect } from "../src/client/index.ts";
import type { Figure, Lab } from "./case.ts";
import { startCpuTime } from "./cpu-time.ts";
import { fillQueue } from "./fill-queue.ts";
import { startWorkers } from "./worker-processes.ts";

/** How a queue is drained. */
export interface Drain {
  readonly tasks: number;
  /** Processes with one worker each. */
  readonly processes: number;
  readonly concurrency: number;
  /** What each task carries. Default: as in every case. */
  readonly payload?: Uint8Array;
}

/**
 * Fills a queue that is paused, connects workers in processes of their own, lets the queue go, and answers how many tasks a
 * second were handled until the last outcome was on the disk.
 */
export async function measureDrain(
  { address, serverPid, say }: Pick<Lab, "address" | "serverPid" | "say">,
  queue: string,
  { tasks, processes, concurrency, payload }: Drain,
): Promise<Figure[]> {
  const client = connect({ address });
  const setPaused = (paused: boolean) =>
    client.queue.updateQueue({ queue: { name: queue, paused }, updateMask: { paths: ["paused"] }, allowMissing: true });
  await setPaused(true);
  await fillQueue(client, queue, tasks, say, payload);
  await using workers = await startWorkers(processes, { address, workers: [[queue]], concurrency });

  const spent = startCpuTime(serverPid);
  const beganMs = performance.now();
  await setPaused(false);
  await workers.reached(tasks);
  await settled();
  const rate = (tasks / (performance.now() - beganMs)) * 1_000;
  const cpu = spent(tasks);
  await workers.stop();
  client.close();
  return [{ name: "rate", unit: "tasks/s", value: rate }, ...cpu];

  async function settled(): Promise<void> {
    for (;;) {
      const { queue: found } = await client.queue.getQueue({ name: queue });
      if (found?.statistics?.completed === BigInt(tasks)) return;
    }
  }
}
