import { type ChildProcess, execFile, type ForkOptions, fork, type SpawnOptions, spawn } from "node:child_process";
import { constants } from "node:os";
import { promisify } from "node:util";
import { environment } from "../../../test/harness/server-process.ts";

/** A process of a scope. */
export interface ScopedProcess {
  readonly child: ChildProcess;
  /** Resolves when it is gone. */
  readonly exited: Promise<void>;
  /** The end of what it printed. */
  readonly output: string;
}

/** How a process is started and ended. */
export interface ProcessOptions {
  readonly args?: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Another user, for programs that refuse to run as root. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** What ends it in order. Default: SIGTERM. */
  readonly endBy?: NodeJS.Signals;
  /** Its standard input is written to. Default: it has none. */
  readonly hasInput?: boolean;
}

/** How long a process may take to end in order, in milliseconds. */
const endMs = 10_000;
/** What of the output is kept, in characters. */
const keptOutput = 4_000;

/**
 * Processes that end together, each by its own pid: when the scope is disposed of, in reverse order, or all at once when the
 * signal aborts. Each has a process group of its own, so that Ctrl-C reaches this process alone, and what a process leaves behind
 * in its group is killed after it.
 */
export class ProcessScope implements AsyncDisposable {
  /** Each with what ends it. */
  readonly #running: (() => Promise<void>)[] = [];
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Starts a program. */
  start(program: string, options: ProcessOptions = {}): ScopedProcess {
    const { args = [], cwd, env = {}, user, endBy = "SIGTERM", hasInput = false } = options;
    const spawned: SpawnOptions = {
      stdio: [hasInput ? "pipe" : "ignore", "pipe", "pipe"],
      env: { ...environment(), ...env },
      detached: true,
    };
    return this.#keep(spawn(program, args, { ...spawned, ...user, ...(cwd !== undefined && { cwd }) }), endBy);
  }

  /** Starts a module of ours with a channel to it. It holds nothing that has to be ended in order. */
  fork(module: string): ScopedProcess {
    const options: ForkOptions = { stdio: ["ignore", "pipe", "pipe", "ipc"], detached: true };
    return this.#keep(fork(module, options), "SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (let end = this.#running.pop(); end !== undefined; end = this.#running.pop()) await end();
  }

  #keep(child: ChildProcess, endBy: NodeJS.Signals): ScopedProcess {
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        output = (output + text).slice(-keptOutput);
      });
    }
    const kill = () => killGroup(child);
    const end = () => void child.kill(endBy);
    this.#signal.addEventListener("abort", end);
    const exited = new Promise<void>((resolve) => {
      // Where it could not be started there is no exit.
      child.once("error", (error) => {
        output += `${error.message}\n`;
        resolve();
      });
      child.once("exit", () => resolve());
    }).then(() => {
      kill();
      this.#signal.removeEventListener("abort", end);
    });
    this.#running.push(async () => {
      end();
      const timer = setTimeout(kill, endMs);
      await exited;
      clearTimeout(timer);
    });
    if (this.#signal.aborted) end();
    return {
      child,
      exited,
      get output() {
        return output;
      },
    };
  }
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The whole group is gone.
  }
}

/** What a program prints; `null`: there is no such program, or it fails. */
export async function printed(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | null> {
  try {
    return (await promisify(execFile)(program, args, { env })).stdout;
  } catch {
    // Not installed.
    return null;
  }
}

/** The code of a process that a signal ended, as shells have it. */
export function exitCodeOf(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}
