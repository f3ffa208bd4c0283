import { EventEmitter, once } from "node:events";
import { type Running, startSharingServer } from "../process.ts";
import type { Started } from "./started.ts";

/** One of the servers, as its log shows it. */
export interface Server {
  readonly name: string;
  readonly address: string;
  readonly running: Running;
  /** The workers that are connected to it. */
  readonly workers: ReadonlySet<string>;
  readonly leads: boolean;
}

/** The servers that share a database. */
export interface Servers {
  readonly all: readonly Server[];
  /** What their logs say at the level of an error or worse, beside that the database is away. */
  readonly errors: readonly string[];
  /** The server that leads; `undefined`: none of those that live. */
  leader(): Server | undefined;
  /** Resolves once it is so by the logs. @param signal rejects with its reason */
  until(isSo: () => boolean, signal: AbortSignal): Promise<void>;
}

/** A line of a log. */
interface Line {
  readonly level: string;
  readonly msg: string;
  readonly worker_id?: string;
}

/** What the log says when the database goes and comes. */
const away = "the database cannot be reached: nothing is acknowledged until it can";
const back = "the database can be reached again";

/**
 * Starts servers on one database, and shows what their logs say of it.
 *
 * @param started takes them over
 * @param say called with what happens
 */
export async function startServers(
  count: number,
  storeUrl: string,
  started: Started,
  say: (text: string) => void,
): Promise<Servers> {
  const logged = new EventEmitter().setMaxListeners(0);
  const errors: string[] = [];

  async function start(number: number): Promise<Server> {
    const name = `server-${number}`;
    const workers = new Set<string>();
    let leads = false;

    function read(text: string): void {
      const { level, msg, worker_id: worker = "" } = JSON.parse(text) as Line;
      if (msg === "worker connected") workers.add(worker);
      else if (msg === "worker disconnected") workers.delete(worker);
      else if (msg.startsWith("this server leads")) leads = !msg.endsWith("no more");
      if (msg === away || msg === back) say(`${name}: ${msg}`);
      else if (level === "error" || level === "fatal") errors.push(`${name}: ${text}`);
      logged.emit("line");
    }

    const running = await startSharingServer(storeUrl, read);
    await started.add("server", () => running.end("SIGTERM"));
    return {
      name,
      address: running.said,
      running,
      workers,
      get leads() {
        return leads && running.child.exitCode === null && running.child.signalCode === null;
      },
    };
  }

  const all = await Promise.all(Array.from({ length: count }, (_, index) => start(index + 1)));
  return {
    all,
    errors,
    leader: () => all.find(({ leads }) => leads),
    async until(isSo, signal) {
      while (!isSo()) await once(logged, "line", { signal });
    },
  };
}
