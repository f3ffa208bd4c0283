import { fork } from "node:child_process";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Exit } from "../../harness/server-process.ts";
import type { WorkerNews, WorkerOrder } from "./worker-process.ts";

type NewsOf<Event extends WorkerNews["event"]> = Extract<WorkerNews, { event: Event }>;

/** A worker in a process of its own. */
export interface WorkerProcess {
  readonly exited: Promise<Exit>;
  /** The next news of its kind that nobody has asked for yet. */
  next<Event extends WorkerNews["event"]>(event: Event): Promise<NewsOf<Event>>;
  complete(order: WorkerOrder): void;
  signal(signal: NodeJS.Signals): void;
}

/**
 * Starts a worker process; it is killed at the end of the test.
 *
 * @param incarnation empty: all processes of its name count as one
 */
export function spawnWorker(address: string, workerId: string, queue: string, incarnation = ""): WorkerProcess {
  const script = join(import.meta.dirname, "worker-process.ts");
  const child = fork(script, [address, workerId, queue, incarnation], {
    execArgv: [],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const exited = new Promise<Exit>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await exited;
  });

  let unread: WorkerNews[] = [];
  const listeners = new Set<() => void>();
  child.on("message", (news: WorkerNews) => {
    unread.push(news);
    for (const listener of [...listeners]) listener();
  });

  return {
    exited,
    next<Event extends WorkerNews["event"]>(event: Event) {
      return new Promise<NewsOf<Event>>((resolve) => {
        const look = () => {
          const found = unread.find((news): news is NewsOf<Event> => news.event === event);
          if (found === undefined) return;
          listeners.delete(look);
          unread = unread.filter((news) => news !== found);
          resolve(found);
        };
        listeners.add(look);
        look();
      });
    },
    complete: (order) => void child.send(order),
    signal: (signal) => void child.kill(signal),
  };
}
