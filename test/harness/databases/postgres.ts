import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { createCondition } from "../condition.ts";
import { signalPostgres, signalProcess } from "./postgres-processes.ts";

const run = promisify(execFile);

/** A server of PostgreSQL that a test started, on loopback and on data of its own. */
export interface PostgresServer {
  /** The database `postgres`, as its only user. */
  readonly url: string;
  /** Its process. */
  readonly process: ChildProcess;
  /** Ends it at once, as a crash would, and starts it again on the same port. */
  crash(): Promise<void>;
  /** Kills all its processes, of which none can write any more, and starts it again on the same port. */
  kill(): Promise<void>;
  /**
   * Kills the process of one session. The database then ends all others and recovers by itself: resolves once it takes connections again.
   *
   * @param pid a process of the database that lives until it is killed
   */
  killSession(pid: number): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** How a server of PostgreSQL is started. */
export interface PostgresOptions {
  /** Waits for the disk, as in production. Default false: what tests do not ask for is not waited for. */
  readonly fsync?: boolean;
  /** Further settings of `postgresql.conf`. Default: none. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** The folder of PostgreSQL's programs: the newest of Debian's, or where the PATH has them; `null`: none are installed. */
function findPostgres(): string | null {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).map(Number).filter(Number.isFinite) : [];
  const newest = versions.sort((a, b) => b - a)[0];
  if (newest !== undefined) return join(debian, String(newest), "bin");
  return (process.env.PATH ?? "").split(delimiter).find((folder) => existsSync(join(folder, "initdb"))) ?? null;
}

/** Tests that need PostgreSQL are skipped where it is not installed, but in CI they fail. */
export const isPostgresMissing = findPostgres() === null && !process.env.CI;

/** Starts PostgreSQL, which must be installed. It refuses to run as root, so that it runs as `postgres` where the test is root. */
export async function startPostgres({
  fsync = false,
  settings: more = {},
}: PostgresOptions = {}): Promise<PostgresServer> {
  const programs = findPostgres();
  if (programs === null) throw new Error("PostgreSQL is not installed; on Debian: apt-get install postgresql");
  const user = process.getuid?.() === 0 ? await userOf("postgres") : undefined;
  const folder = await mkdtemp(join(tmpdir(), "sitq-postgres-"));
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const data = join(folder, "data");
  const initdb = ["-D", data, "-U", "sitq", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
  await run(join(programs, "initdb"), initdb, { ...user, cwd: folder });
  const port = await freePort();
  const settings = {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: "",
    fsync: fsync ? "on" : "off",
    max_connections: 200,
    shared_buffers: "64MB",
    log_min_messages: "warning",
    ...more,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'\n`);
  await writeFile(join(data, "postgresql.auto.conf"), lines.join(""));

  /** How often it was ready for connections: after each start, and after each recovery without one. */
  let timesReady = 0;
  const readiness = createCondition();

  async function start(): Promise<ChildProcess> {
    const server = spawn(join(programs ?? "", "postgres"), ["-D", data], {
      ...user,
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
    const log: string[] = [];
    const isReady = new Promise<boolean>((resolve) => {
      createInterface({ input: server.stderr }).on("line", (line) => {
        log.push(line);
        if (!line.includes("database system is ready to accept connections")) return;
        timesReady++;
        readiness.changed();
        resolve(true);
      });
      server.on("exit", () => resolve(false));
    });
    if (!(await isReady)) throw new Error(`PostgreSQL did not start:\n${log.join("\n")}`);
    return server;
  }

  async function end(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, "exit");
    server.kill(signal);
    await exited;
  }

  /** A process that was killed may hold on to the shared memory for a moment, and with that memory nothing starts. */
  async function startAfterKill(): Promise<ChildProcess> {
    for (;;) {
      try {
        return await start();
      } catch (error) {
        if (!(error instanceof Error && error.message.includes("shared memory"))) throw error;
      }
    }
  }

  let current = await start();
  return {
    url: `postgres://sitq@127.0.0.1:${port}/postgres`,
    get process() {
      return current;
    },
    async crash() {
      // SIGQUIT is its immediate shutdown: all sessions end, and nothing is written.
      await end(current, "SIGQUIT");
      current = await start();
    },
    async kill() {
      const exited = once(current, "exit");
      // While all stand still none learns of the end of another one, and writes what it has.
      signalPostgres(current.pid ?? 0, "SIGSTOP");
      signalPostgres(current.pid ?? 0, "SIGKILL");
      await exited;
      current = await startAfterKill();
    },
    async killSession(pid) {
      const before = timesReady;
      // For a moment it still takes connections, which end with the others.
      if (signalProcess(pid, "SIGKILL")) await readiness.until(() => timesReady > before, "the database had recovered");
    },
    async stop() {
      await end(current, "SIGINT");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function userOf(name: string): Promise<{ uid: number; gid: number }> {
  const [{ stdout: uid }, { stdout: gid }] = await Promise.all([run("id", ["-u", name]), run("id", ["-g", name])]);
  return { uid: Number(uid), gid: Number(gid) };
}

/** A port that was free a moment ago: PostgreSQL does not choose one itself. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
