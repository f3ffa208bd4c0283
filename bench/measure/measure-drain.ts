import { connect, type SitqClient } from "../../src/client/index.ts";
import type { CaseContext, Figure } from "../case.ts";
import { fillQueue } from "../processes/fill-queue.ts";
import type { RunningServer } from "../processes/sitq-server.ts";
import type { SecuredBy } from "../processes/worker-process.ts";
import { startWorkers } from "../processes/worker-processes.ts";
import { startCpuTime } from "./cpu-time.ts";

/** Who drains queues. */
export interface Drainers {
  /** Processes with one worker of all queues each. Default: 1. */
  readonly processes?: number;
  readonly capacity: number;
  /** How the workers connect. Default: in clear text, without a token. */
  readonly security?: SecuredBy;
  /** The servers that share the queues, to which the processes connect by turns. Default: the one server of the case. */
  readonly addresses?: readonly string[];
}

/** How fast queues were drained. */
export interface Drained {
  /** Tasks a second. */
  readonly rate: number;
  /** What the server spent on each. */
  readonly cpu: readonly Figure[];
}

/** Queues that are drained again and again. */
export interface Drains extends AsyncDisposable {
  /**
   * Has so many tasks put into the queues while they are paused, connects the workers, lets the queues go, and measures until the
   * last outcome is on the disk.
   */
  drain(tasks: number, fill: () => Promise<void>): Promise<Drained>;
}

/** Starts the workers' processes. They stay from one drain to the next, as in life: what has just been started runs slowly. */
export async function startDrains(
  client: SitqClient,
  { address, serverPid }: Pick<CaseContext, "address" | "serverPid">,
  queues: readonly string[],
  { processes = 1, capacity, security = {}, addresses = [address] }: Drainers,
): Promise<Drains> {
  await setPaused(true);
  const workers = await startWorkers(processes, { address, workers: [queues], capacity, security }, addresses);
  await workers.disconnect();
  let completed = 0;

  async function setPaused(paused: boolean): Promise<void> {
    const update = (name: string) =>
      client.queue.updateQueue({ queue: { name, paused }, updateMask: { paths: ["paused"] }, allowMissing: true });
    await Promise.all(queues.map(update));
  }

  async function countCompleted(): Promise<number> {
    const found = await Promise.all(queues.map((name) => client.queue.getQueue({ name })));
    return found.reduce((sum, { queue }) => sum + Number(queue?.statistics?.completed ?? 0n), 0);
  }

  return {
    async drain(tasks, fill) {
      await setPaused(true);
      await fill();
      await workers.connect();
      completed += tasks;
      const spent = startCpuTime(serverPid);
      const beganMs = performance.now();
      await setPaused(false);
      await workers.reached(completed);
      while ((await countCompleted()) < completed);
      const rate = (tasks / (performance.now() - beganMs)) * 1_000;
      const cpu = spent(tasks);
      await workers.disconnect();
      return { rate, cpu };
    },
    [Symbol.asyncDispose]: () => workers.stop(),
  };
}

/** One drain of a queue by one worker with room for 64. */
export interface PlainDrain {
  readonly queue: string;
  readonly warmUpTasks: number;
  readonly tasks: number;
  /** What each task carries. Default: as in every case. */
  readonly payload?: Uint8Array;
}

/** Drains a queue of plain tasks, after a warm-up with fewer. Answers tasks a second. */
export async function measureDrain(
  { address, pid }: Pick<RunningServer, "address" | "pid">,
  say: CaseContext["say"],
  { queue, warmUpTasks, tasks, payload }: PlainDrain,
): Promise<number> {
  const client = connect({ address });
  await using drains = await startDrains(client, { address, serverPid: pid }, [queue], { capacity: 64 });
  const drain = (n: number) => drains.drain(n, () => fillQueue(client, queue, n, say, payload && { payload }));
  await drain(warmUpTasks);
  const { rate } = await drain(tasks);
  client.close();
  return rate;
}
