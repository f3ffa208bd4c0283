import { startServer } from "../../test/harness/server-process.ts";

/** A server in a process of its own. */
export interface RunningServer extends AsyncDisposable {
  readonly pid: number;
  readonly address: string;
}

/**
 * Starts a server. It ends in order: its WAL is gone then, and a profile of it is written.
 *
 * @param store a database file, or the URL of a database of PostgreSQL
 */
export async function startSitq(
  store: string,
  flags: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const place = store.startsWith("postgres://") ? { db: "", storeUrl: store } : { db: store };
  const server = await startServer({ ...place, args: ["--log-level", "warn", ...flags], env });
  return {
    pid: server.pid,
    address: server.address,
    async [Symbol.asyncDispose]() {
      server.signal("SIGTERM");
      await server.exited;
    },
  };
}
