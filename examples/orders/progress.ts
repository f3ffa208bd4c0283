import { SingleBar } from "cli-progress";
import { type SitqClient, TaskState } from "sitq/client";

const finished = [TaskState.COMPLETED, TaskState.FAILED, TaskState.CANCELLED];

/** Follows tasks until as many as there are have finished. */
export interface Progress {
  /** Fulfilled when this share of all tasks, from 0 to 1, has finished. */
  reached(share: number): Promise<void>;
  stop(): void;
}

/** Begins to watch, and shows a bar; from its return on nothing is missed. */
export async function followTasks(client: SitqClient, total: number): Promise<Progress> {
  const isTerminal = process.stderr.isTTY === true;
  const bar = new SingleBar({
    format: "tasks  {bar}  {value}/{total}  {percentage} %",
    barsize: 40,
    noTTYOutput: !isTerminal,
    notTTYSchedule: 1_000,
  });
  const waiting = new Set<{ readonly count: number; readonly resolve: () => void }>();
  const done = new Set<string>();
  const ending = new AbortController();
  const watching = Promise.withResolvers<void>();

  async function watch(): Promise<void> {
    const changes = client.queue.watchTasks({ filter: { states: finished } }, { signal: ending.signal });
    for await (const message of changes) {
      watching.resolve();
      for (const { taskId } of message.changes) done.add(taskId);
      bar.update(done.size);
      for (const waiter of waiting) if (done.size >= waiter.count) waiter.resolve();
    }
  }

  watch().catch((error) => {
    if (!ending.signal.aborted) watching.reject(error);
  });
  await watching.promise;
  bar.start(total, 0);
  return {
    reached(share) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const count = Math.ceil(total * share);
      waiting.add({ count, resolve });
      if (done.size >= count) resolve();
      return promise;
    },
    stop() {
      ending.abort();
      bar.stop();
    },
  };
}
