import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { WorkerNews, WorkerOrder, WorkerQuestion } from "./worker-process.ts";

/** Processes with workers. `await using workers = await startWorkers(…)` leaves nothing behind. */
export interface WorkerProcesses extends AsyncDisposable {
  /** How many tasks they have handled; it is some milliseconds old. */
  readonly handled: number;
  /** Resolves when they have handled so many. */
  reached(handled: number): Promise<void>;
  /** Connects workers again, after `disconnect`; resolves when each has been welcomed. */
  connect(): Promise<void>;
  /** Ends the streams of the workers. The processes stay, warm as they are. */
  disconnect(): Promise<void>;
  /** How many tasks came how late since the last time; see DelayTally. */
  delays(): Promise<readonly number[]>;
  /** Lets them settle what they hold, and resolves when they are gone. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts processes; resolves when every worker of theirs has been welcomed.
 *
 * @param addresses where they connect, by turns. Default: all as the order says
 */
export async function startWorkers(
  processes: number,
  order: WorkerOrder,
  addresses: readonly string[] = [order.address],
): Promise<WorkerProcesses> {
  const counts: number[] = Array.from({ length: processes }, () => 0);
  const waiting = new Map<() => void, number>();
  let handled = 0;

  function hear(process: number, news: WorkerNews): void {
    if (!("handled" in news)) return;
    counts[process] = news.handled;
    handled = counts.reduce((sum, count) => sum + count, 0);
    for (const [resolve, goal] of waiting) {
      if (handled < goal) continue;
      waiting.delete(resolve);
      resolve();
    }
  }

  const children = counts.map((_, index) => {
    const child = fork(join(import.meta.dirname, "worker-process.ts"), {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    child.on("message", (news: WorkerNews) => hear(index, news));
    return child;
  });
  const ended = Promise.all(children.map((child) => new Promise((resolve) => child.once("close", resolve))));

  async function stop(): Promise<void> {
    for (const child of children) ask(child, "stop");
    await ended;
  }

  async function askAll(question: WorkerQuestion, isAnswer: (news: WorkerNews) => boolean): Promise<WorkerNews[]> {
    const answers = children.map((child) => answer(child, isAnswer));
    for (const child of children) ask(child, question);
    return Promise.all(answers);
  }

  async function connect(): Promise<void> {
    await askAll("connect", (news) => "connected" in news);
  }

  for (const [index, child] of children.entries())
    child.send({ ...order, address: addresses[index % addresses.length] ?? order.address });
  try {
    await connect();
  } catch (error) {
    for (const child of children) child.kill();
    throw error;
  }

  return {
    get handled() {
      return handled;
    },
    reached(goal) {
      if (handled >= goal) return Promise.resolve();
      return new Promise((resolve) => waiting.set(resolve, goal));
    },
    connect,
    async disconnect() {
      await askAll("disconnect", (news) => "connected" in news);
    },
    async delays() {
      const news = await askAll("delays", (each) => "delays" in each);
      const all = news.flatMap((each) => ("delays" in each ? [each.delays] : []));
      const longest = Math.max(...all.map((counts) => counts.length));
      return Array.from({ length: longest }, (_, step) => all.reduce((sum, counts) => sum + (counts[step] ?? 0), 0));
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function ask(child: ChildProcess, question: WorkerQuestion): void {
  if (child.connected) child.send(question);
}

/** The next news of a kind. It rejects if the process ends first. */
function answer(child: ChildProcess, isIt: (news: WorkerNews) => boolean): Promise<WorkerNews> {
  return new Promise((resolve, reject) => {
    child.on("message", function hear(news: WorkerNews) {
      if (!isIt(news)) return;
      child.off("message", hear);
      child.off("close", gone);
      resolve(news);
    });
    const gone = () => reject(new Error("a worker's process ended"));
    child.once("close", gone);
  });
}
