import { onTestFinished } from "vitest";
import type { ServerProcessOptions } from "../../../harness/server-process.ts";
import { createTempDir } from "../../../harness/temp-dir.ts";
import { type Acknowledged, inspect, inspectCopy } from "../offline.ts";
import type { DatabaseFault } from "./database-faults.ts";
import { startPostgresData } from "./postgres-data.ts";

/** Where the servers of a crash test keep their data. */
export interface CrashData {
  /** As a server is started on it. */
  readonly place: Pick<ServerProcessOptions, "db" | "storeUrl">;
  /** A task is handed out when its lease is stored, so that no crash forgets a hand-out. */
  readonly storesHandOutsFirst: boolean;
  /** Looks at what a dead server left, as it left it; answers what is wrong with it. */
  inspectLeft(acknowledged: Acknowledged): Promise<string[]>;
  /** Looks at it when the last server has ended; answers what is wrong with it. */
  inspectEnd(acknowledged: Acknowledged): Promise<string[]>;
  /** Hurts the database, and resolves when it takes connections again; false: there was nothing to hurt, such as no commit to be cut. */
  hurt(fault: DatabaseFault): Promise<boolean>;
  /** `HOST:PORT` of the server that leads those that share the data; `null`: none does. */
  leader(): Promise<string | null>;
}

/**
 * Prepares data for one test: a file, or a database of PostgreSQL of its own if SITQ_CRASH_STORE is `postgres`. Both are removed at the end
 * of the test.
 */
export async function prepareCrashData(): Promise<CrashData> {
  return process.env.SITQ_CRASH_STORE === "postgres" ? startPostgresData() : createFile();
}

async function createFile(): Promise<CrashData> {
  const dir = await createTempDir();
  onTestFinished(() => dir.remove());
  const db = dir.file("sitq.db");
  let copies = 0;
  return {
    place: { db },
    storesHandOutsFirst: false,
    inspectLeft: (acknowledged) => inspectCopy(db, dir.file(`after-${copies++}.db`), acknowledged),
    inspectEnd: (acknowledged) => Promise.resolve(inspect(db, acknowledged)),
    hurt: (fault) => Promise.reject(new Error(`a file knows no ${fault}`)),
    leader: () => Promise.resolve(null),
  };
}
