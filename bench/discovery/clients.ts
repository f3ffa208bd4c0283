import { fork } from "node:child_process";
import { join } from "node:path";
import type { Arrival, ClientsNews, ClientsOrder, ClientsQuestion } from "./client-process.ts";

/** Clients that discover. `await using clients = startClients(…)` leaves nothing behind. */
export interface Clients extends AsyncDisposable {
  /** Resolves when all have everything, with when that was by `machineMs`. */
  begun(): Promise<number>;
  /** Lets their connections end: until then one that is lost ends the process. */
  release(): Promise<void>;
  /** Resolves when none has a connection. */
  gone(): Promise<void>;
  /** Resolves when so many changes have come since the last time, counted for each client. */
  arrivals(count: number): Promise<readonly Arrival[]>;
}

/** How long something may take that is waited for, in milliseconds. */
const patienceMs = 60_000;

/** Starts the process of the clients. */
export function startClients(order: ClientsOrder): Clients {
  const child = fork(join(import.meta.dirname, "client-process.ts"), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const ended = new Promise((resolve) => child.once("close", resolve));
  child.send(order);

  async function ask(question: ClientsQuestion): Promise<ClientsNews> {
    const { promise, resolve, reject } = Promise.withResolvers<ClientsNews>();
    const endTimer = setTimeout(() => reject(new Error(`${question.what}: not within ${patienceMs} ms`)), patienceMs);
    void ended.then(() => reject(new Error("the clients' process ended")));
    child.once("message", resolve);
    child.send(question);
    try {
      return await promise;
    } finally {
      clearTimeout(endTimer);
      child.off("message", resolve);
    }
  }

  return {
    async begun() {
      const news = await ask({ what: "begun" });
      return news.what === "begun" ? news.atMs : Number.NaN;
    },
    async release() {
      await ask({ what: "released" });
    },
    async gone() {
      await ask({ what: "gone" });
    },
    async arrivals(count) {
      const news = await ask({ what: "arrivals", count });
      return news.what === "arrivals" ? news.arrivals : [];
    },
    async [Symbol.asyncDispose]() {
      if (child.connected) child.send({ what: "stop" } satisfies ClientsQuestion);
      await ended;
    },
  };
}
