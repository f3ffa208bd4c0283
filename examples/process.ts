import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A process that this one started. */
export interface Running {
  readonly child: ChildProcess;
  /** What it said when it was ready. */
  readonly said: string;
  /** Ends it by a signal, and waits until it is gone. */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
}

/** How a program is started. */
export interface StartOptions {
  /** Further variables of its environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** Called with each line that it writes to standard error. Default: they are written to that of this process. */
  readonly onLogLine?: (line: string) => void;
  /** Ends it, should it not be ready yet. Default: it is waited for. */
  readonly signal?: AbortSignal;
}

/** Starts a program of Node; see `startCommand`. */
export function startProcess(
  file: URL,
  args: readonly string[],
  ready: RegExp,
  options?: StartOptions,
): Promise<Running> {
  return startCommand([process.execPath, fileURLToPath(file), ...args], ready, options);
}

/** Starts a program and waits for the first line that matches; `said` is what its first group holds. */
export async function startCommand(
  [program = "", ...args]: readonly string[],
  ready: RegExp,
  { env = {}, onLogLine, signal }: StartOptions = {},
): Promise<Running> {
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", onLogLine === undefined ? "inherit" : "pipe"],
  });
  if (onLogLine !== undefined && child.stderr !== null) createInterface({ input: child.stderr }).on("line", onLogLine);
  const exited = once(child, "exit");
  const giveUp = () => child.kill("SIGTERM");
  if (signal?.aborted) giveUp();
  signal?.addEventListener("abort", giveUp);
  const said = await Promise.race([firstMatch(child, ready), exited.then(() => null)]);
  signal?.removeEventListener("abort", giveUp);
  if (said === null) throw new Error(`${[program, ...args].join(" ")} ended before it was ready`);
  return {
    child,
    said,
    async end(signal) {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await exited;
    },
  };
}

async function firstMatch(child: ChildProcess, ready: RegExp): Promise<string | null> {
  if (child.stdout === null) return null;
  for await (const line of createInterface({ input: child.stdout })) {
    const match = ready.exec(line);
    if (match === null) continue;
    child.stdout.resume();
    return match[1] ?? "";
  }
  return null;
}

/** Starts a server on a free port and a file of its own; `said` is its address. @param more further arguments */
export function startServer(db: string, more: readonly string[] = []): Promise<Running> {
  return serve(["--db", db, "--log-level", "warn", ...more]);
}

/** Starts one of several servers on a database, on a free port; `said` is its address. @param onLogLine called with each line of its log, as JSON */
export function startSharingServer(storeUrl: string, onLogLine: (line: string) => void): Promise<Running> {
  return serve(["--log-level", "info", "--log-format", "json"], { env: { SITQ_STORE: storeUrl }, onLogLine });
}

function serve(more: readonly string[], options?: StartOptions): Promise<Running> {
  // A worker that is killed is missed after this time.
  const times = ["--lease-duration", "3s", "--heartbeat-interval", "1s"];
  const args = ["serve", "--listen", "127.0.0.1:0", ...times, ...more];
  return startProcess(new URL("../src/main.ts", import.meta.url), args, /listens on\s+(\S+)/, options);
}
