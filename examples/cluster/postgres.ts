import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A PostgreSQL of this example alone, on loopback. */
export interface Database {
  readonly url: string;
  /** Ends it at once, as a crash does: nothing is written any more, all connections are cut. */
  crash(): Promise<void>;
  /** Starts it again; resolves once it takes connections. */
  restart(): Promise<void>;
  /** Ends it, if it runs, and removes its data. */
  stop(): Promise<void>;
}

/** The folder of PostgreSQL's programs: the given one, the newest of Debian's, or where the PATH has them; `null`: they are not there. */
export function findPostgres(given: string | undefined): string | null {
  if (given !== undefined) return hasPrograms(given) ? given : null;
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).map(Number).filter(Number.isFinite) : [];
  const newest = versions.sort((a, b) => b - a)[0];
  if (newest !== undefined) return join(debian, String(newest), "bin");
  return (process.env.PATH ?? "").split(delimiter).find(hasPrograms) ?? null;
}

function hasPrograms(folder: string): boolean {
  return existsSync(join(folder, "initdb"));
}

/**
 * Starts PostgreSQL on new data. It refuses to run as root: then it runs as `postgres`, the user that its package makes.
 *
 * @param programs where its programs are
 */
export async function startPostgres(programs: string): Promise<Database> {
  const folder = await mkdtemp(join(tmpdir(), "sitq-cluster-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    return await startIn(folder, programs, remove);
  } catch (error) {
    await remove();
    throw error;
  }
}

async function startIn(folder: string, programs: string, remove: () => Promise<void>): Promise<Database> {
  const user = process.getuid?.() === 0 ? await userOf("postgres") : undefined;
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const data = join(folder, "data");
  const initdb = ["-D", data, "-U", "sitq", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
  await run(join(programs, "initdb"), initdb, { ...user, cwd: folder });
  const port = await freePort();
  const settings = { listen_addresses: "127.0.0.1", port, unix_socket_directories: "", log_min_messages: "warning" };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'\n`);
  await writeFile(join(data, "postgresql.auto.conf"), lines.join(""));

  async function start(): Promise<ChildProcess> {
    const child = spawn(join(programs, "postgres"), ["-D", data], {
      ...user,
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
    const log: string[] = [];
    const isReady = await new Promise<boolean>((resolve) => {
      createInterface({ input: child.stderr }).on("line", (line) => {
        log.push(line);
        if (line.includes("database system is ready to accept connections")) resolve(true);
      });
      child.once("exit", () => resolve(false));
    });
    if (!isReady) throw new Error(`PostgreSQL did not start:\n${log.join("\n")}`);
    return child;
  }

  async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  }

  let current = await start();
  return {
    url: `postgres://sitq@127.0.0.1:${port}/postgres`,
    // SIGQUIT is its immediate shutdown, SIGINT its fast one, which waits for no client.
    crash: () => end(current, "SIGQUIT"),
    async restart() {
      current = await start();
    },
    async stop() {
      await end(current, "SIGINT");
      await remove();
    },
  };
}

async function userOf(name: string): Promise<{ uid: number; gid: number }> {
  const [uid, gid] = await Promise.all([run("id", ["-u", name]), run("id", ["-g", name])]);
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
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
