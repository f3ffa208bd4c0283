import { setTimeout as pause } from "node:timers/promises";
import { Client } from "pg";
import { onTestFinished } from "vitest";
import { startPostgres } from "../../../harness/databases/postgres.ts";
import { signalPostgres } from "../../../harness/databases/postgres-processes.ts";
import { startProxy } from "../../../harness/proxy.ts";
import type { CrashData } from "./crash-data.ts";
import type { DatabaseFault } from "./database-faults.ts";
import { inspectPostgres } from "./inspect-postgres.ts";

/** Longer than the leases of the crash tests, which last five seconds. */
const freezeMs = 6_500;
const silenceMs = 3_000;

/** How long a commit is waited for, in milliseconds: nobody may have anything to do. */
const longestLullMs = 5_000;
/** As a commit is asked for, and as it is answered. */
const commit = "COMMIT\0";

/** What a session says to have its commits on the disk before they are answered, and the same of the same length that it does not want them there. */
const waitsForDisk = "set_config('synchronous_commit', 'on', false)";
const waitsForNothing = "set_config('synchronous_commit', 'no', false)";

/**
 * Starts a server of PostgreSQL with fsync, and a proxy in front of it, through which the servers of sitq reach it.
 *
 * With SITQ_CRASH_SYNCHRONOUS_COMMIT=off commits are answered before they are on the disk, which the sessions of sitq do not allow: the proxy
 * changes what they say. A test that kills the database must fail then.
 */
export async function startPostgresData(): Promise<CrashData> {
  const isLossy = process.env.SITQ_CRASH_SYNCHRONOUS_COMMIT === "off";
  const settings = isLossy ? { synchronous_commit: "off", wal_writer_delay: "10s" } : {};
  const server = await startPostgres({ fsync: true, settings });
  onTestFinished(() => server.stop());
  const proxy = await startProxy(new URL(server.url).host, isLossy ? waitForNothing : undefined);
  onTestFinished(() => proxy.stop());
  const url = new URL(server.url);
  url.host = proxy.address;

  async function query<R extends Record<string, unknown>>(text: string): Promise<R[]> {
    const client = new Client({ connectionString: server.url });
    // Where the connection ends between two statements, the next one says so.
    client.on("error", () => undefined);
    await client.connect();
    try {
      return (await client.query<R>(text)).rows;
    } finally {
      await client.end();
    }
  }

  async function killSession(): Promise<boolean> {
    // One that has a transaction open comes first.
    const [session] = await query<{ pid: number }>(
      "SELECT pid FROM pg_stat_activity WHERE application_name = 'sitq' ORDER BY xact_start NULLS LAST LIMIT 1",
    );
    if (session === undefined) return false;
    await server.killSession(session.pid);
    return true;
  }

  async function hurt(fault: DatabaseFault): Promise<boolean> {
    switch (fault) {
      case "kill":
        await server.kill();
        return true;
      case "kill-session":
        return killSession();
      case "freeze":
        signalPostgres(server.process.pid ?? 0, "SIGSTOP");
        await pause(freezeMs);
        signalPostgres(server.process.pid ?? 0, "SIGCONT");
        return true;
      case "cut":
        proxy.cut();
        return true;
      case "silence":
      case "no-answers":
        proxy.freeze(fault === "silence" ? undefined : "server");
        await pause(silenceMs);
        proxy.cut();
        return true;
      case "cut-before-commit":
        return proxy.cutAt(commit, "client", false, longestLullMs);
      case "cut-after-commit":
        return proxy.cutAt(commit, "client", true, longestLullMs);
      case "cut-before-answer":
        return proxy.cutAt(commit, "server", false, longestLullMs);
    }
  }

  return {
    place: { db: "", storeUrl: url.href },
    storesHandOutsFirst: true,
    inspectLeft: (acknowledged) => inspectPostgres(server.url, acknowledged),
    inspectEnd: (acknowledged) => inspectPostgres(server.url, acknowledged, true),
    hurt,
    async leader() {
      const [row] = await query<{ address: string | null }>(
        "SELECT address FROM sitq.leader JOIN sitq.membership USING (server_id) WHERE address IS NOT NULL",
      );
      return row?.address ?? null;
    },
  };
}

function waitForNothing(chunk: Buffer): Buffer {
  const at = chunk.indexOf(waitsForDisk);
  if (at >= 0) chunk.write(waitsForNothing, at, "latin1");
  return chunk;
}
