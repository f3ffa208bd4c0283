import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createServer } from "node:net";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import { createCondition } from "./condition.ts";
import { storeOfTests } from "./databases/store-of-tests.ts";

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** How a server is run. */
export interface ServerProcessOptions {
  /** The database file. */
  readonly db: string;
  /** The database of PostgreSQL that it uses instead of a file, as `--store` takes it. Default: none. */
  readonly storeUrl?: string;
  /** Default: a free port of 127.0.0.1. */
  readonly listen?: string;
  /** Further arguments of `serve`. */
  readonly args?: readonly string[];
  /** A command that runs it: `["strace", "-D"]`. It must keep the process its own child. Default: none. */
  readonly under?: readonly string[];
  /** Further variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called with all that it writes, to standard output and to standard error. Default: only the end of the log is kept. */
  readonly onOutput?: (text: string) => void;
}

/** A server in a process of its own. `await using server = await startServer(…)` leaves nothing behind. */
export interface ServerProcess extends AsyncDisposable {
  readonly pid: number;
  /** Resolves with the address once it listens; rejects with what it logged if it ends before. */
  readonly started: Promise<string>;
  readonly exited: Promise<Exit>;
  /** The end of what it logged. */
  readonly log: string;
  /** Resolves once it has logged the text; rejects if it ends before. */
  logged(text: string): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Kills it, and resolves when it is gone. */
  kill(): Promise<Exit>;
}

/** A server that listens. */
export type StartedServer = ServerProcess & { readonly address: string };

/** What of the log is kept, in characters. */
const keptLog = 20_000;

/** Starts a server process; it does not listen yet. */
export function spawnServer({
  db,
  storeUrl,
  listen = "127.0.0.1:0",
  args = [],
  under = [],
  env = {},
  onOutput = () => undefined,
}: ServerProcessOptions): ServerProcess {
  // As an operator starts it; the wrapper hands its process on.
  const command = resolve(import.meta.dirname, "../../bin/sitq");
  const url = storeUrl ?? storeOfTests(resolve(db)).storeUrl;
  const store = url === null ? ["--db", db] : ["--store", url];
  const [program = command, ...words] = [...under, command, "serve", "--listen", listen, ...store, ...args];
  const child = spawn(program, words, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...environment(), ...env },
  });
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", onOutput);
  let log = "";
  const logChange = createCondition();
  child.stderr.on("data", (text: string) => {
    log = (log + text).slice(-keptLog);
    logChange.changed();
  });
  const exited = new Promise<Exit>((onExit) => {
    child.once("close", (code, signal) => {
      onExit({ code, signal });
      logChange.end(new Error(`the server ended with ${signal ?? code}`));
    });
  });
  const started = greeted(child, exited, () => log);
  // Whoever kills it before it listens need not look.
  started.catch(() => undefined);

  async function kill(): Promise<Exit> {
    child.kill("SIGKILL");
    return exited;
  }

  return {
    pid: child.pid ?? 0,
    started,
    exited,
    get log() {
      return log;
    },
    logged: (text) => logChange.until(() => log.includes(text), `the server logged ${text}`),
    signal: (signal) => void child.kill(signal),
    kill,
    async [Symbol.asyncDispose]() {
      await kill();
    },
  };
}

/** Starts a server process and waits until it listens. */
export async function startServer(options: ServerProcessOptions): Promise<StartedServer> {
  const server = spawnServer(options);
  return Object.assign(server, { address: await server.started });
}

/** A port that nobody listens on, below the range that clients are dealt from: it stays free while the server is down. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const probe = createServer();
    const isFree = await new Promise<boolean>((answer) => {
      probe.once("error", () => answer(false));
      probe.listen(port, "127.0.0.1", () => probe.close(() => answer(true)));
    });
    if (isFree) return port;
  }
}

/** Without the settings of whoever runs the tests: a server takes them for its own. */
export function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SITQ_")));
}

function greeted(
  child: ChildProcessByStdio<null, Readable, Readable>,
  exited: Promise<Exit>,
  log: () => string,
): Promise<string> {
  return new Promise((onAddress, reject) => {
    let output = "";
    child.stdout.on("data", (text: string) => {
      output += text;
      const address = /listens on\s+(\S+)\n/.exec(output)?.[1];
      if (address !== undefined) onAddress(address);
    });
    child.once("error", reject);
    void exited.then(({ code, signal }) => {
      reject(new Error(`the server ended with ${signal ?? code} before it listened:\n${log()}`));
    });
  });
}
