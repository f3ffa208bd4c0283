import { readdirSync } from "node:fs";
import { chown } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { freePort } from "../../../test/harness/server-process.ts";
import type { Durability, PeerStart } from "../peer.ts";
import { type ProcessOptions, printed } from "../processes/process-scope.ts";
import { untilReady } from "../processes/ready.ts";

/** Where Debian has each version's programs, besides those on the PATH. */
const debian = "/usr/lib/postgresql";

const off: Durability = { promise: "fsync within 0.6 s", setting: "synchronous_commit=off" };
/** The default of PostgreSQL. */
export const syncedCommits: Durability = { promise: "fsync before each answer", setting: "synchronous_commit=on" };

/** What autovacuum does within a minute. Until then there are no statistics, and pg-boss drained 30,000 jobs at a quarter of its rate. */
export const vacuum = "VACUUM ANALYZE";

/** Does that by a connection of its own, which has the rights of the owner. */
export async function vacuumed(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(vacuum);
  await client.end();
}

/** What all queues on PostgreSQL have in common. */
export const postgres = {
  server: "postgres",
  howToGet: "Debian's postgresql",
  durabilities: [off, syncedCommits],
  async version(): Promise<string | null> {
    return (await installed())?.version ?? null;
  },

  /** Starts a server with a cluster of its own, and answers the address of a database in it, as a URL. */
  async start({ processes, directory, durability }: PeerStart): Promise<string> {
    const { folder } = (await installed()) ?? { folder: "" };
    const user = await otherUser();
    if (user !== null) await chown(directory, user.uid, user.gid);
    const options = (args: readonly string[], endBy?: NodeJS.Signals): ProcessOptions => ({
      args,
      cwd: directory,
      ...(user && { user }),
      ...(endBy && { endBy }),
    });
    const data = join(directory, "data");
    const initdb = ["-D", data, "-U", "bench", "-A", "trust", "--no-sync", "--locale=C", "--encoding=UTF8"];
    const created = processes.start(join(folder, "initdb"), options(initdb));
    await created.exited;
    if (created.child.exitCode !== 0) throw new Error(`initdb failed:\n${created.output}`);

    const port = await freePort();
    const settings = {
      listen_addresses: "127.0.0.1",
      port,
      unix_socket_directories: "",
      synchronous_commit: durability === off ? "off" : "on",
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    // SIGINT is its fast shutdown: it waits for no client.
    const server = processes.start(join(folder, "postgres"), options(["-D", data, ...flags], "SIGINT"));
    const ask = ["-h", "127.0.0.1", "-p", String(port), "-q"];
    await untilReady(server, async () => (await printed(join(folder, "pg_isready"), ask)) !== null);
    return `postgres://bench@127.0.0.1:${port}/postgres`;
  },
};

async function installed(): Promise<{ readonly folder: string; readonly version: string } | null> {
  const folders = ["", ...debianFolders()];
  for (const folder of folders) {
    const version = (await printed(join(folder, "postgres"), ["--version"]))?.match(/\d[\d.]*/)?.[0];
    if (version !== undefined && (await printed(join(folder, "pg_isready"), ["--version"])) !== null)
      return { folder, version };
  }
  return null;
}

/** The newest first. */
function debianFolders(): string[] {
  try {
    const versions = readdirSync(debian).sort((a, b) => Number(b) - Number(a));
    return versions.map((version) => join(debian, version, "bin"));
  } catch {
    // Another system, or no PostgreSQL.
    return [];
  }
}

/** PostgreSQL refuses to run as root: then its own user runs it. `null`: we are not root. */
async function otherUser(): Promise<{ readonly uid: number; readonly gid: number } | null> {
  if (process.getuid?.() !== 0) return null;
  const [uid, gid] = [await printed("id", ["-u", "postgres"]), await printed("id", ["-g", "postgres"])];
  if (uid === null || gid === null) throw new Error("PostgreSQL does not run as root, and there is no user postgres.");
  return { uid: Number(uid), gid: Number(gid) };
}
