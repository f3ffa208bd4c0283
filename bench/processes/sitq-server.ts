import { startServer } from "../../test/harness/server-process.ts";

/** A server in a process of its own. */
export interface RunningServer extends AsyncDisposable {
  readonly pid: number;
  readonly address: string;
}

/** Starts a server on a database file. It ends in order: its WAL is gone then, and a profile of it is written. */
export async function startSitq(
  db: string,
  flags: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const server = await startServer({ db, args: ["--log-level", "warn", ...flags], env });
  return {
    pid: server.pid,
    address: server.address,
    async [Symbol.asyncDispose]() {
      server.signal("SIGTERM");
      await server.exited;
    },
  };
}
