import { spawn } from "node:child_process";
import { onAbort } from "../../async/signals.ts";

/** How a program is run. */
export interface CommandLineOptions {
  /** Written to its standard input, which is then closed. */
  readonly input: Uint8Array;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Ends it when aborted: SIGTERM to its process group, and SIGKILL if that does not help. */
  readonly signal: AbortSignal;
  /** How long it has between the two, in milliseconds; asked when the signal is aborted. */
  readonly killAfterMs: () => number;
  /** Handed what it writes to standard error. */
  readonly onStderr: (chunk: Uint8Array) => void;
}

/** How a program ended. */
export interface ProgramEnd {
  /** `null`: a signal ended it. */
  readonly exitCode: number | null;
  readonly endedBy: NodeJS.Signals | null;
  readonly stdout: Buffer;
  /** It wrote more than is kept, and was stopped. */
  readonly wroteTooMuch: boolean;
  /** The end of what it wrote to standard error. */
  readonly stderrTail: string;
}

/** The most that a program may write to standard output, in bytes: more than any server takes as a result. */
export const maxOutputBytes = 4 * 1_048_576;
/** How much of standard error is kept, in bytes. */
const tailBytes = 4_096;
/** How long after a program's end its children may hold its output open, in milliseconds. */
const lingerMs = 1_000;

/**
 * Runs a command line by the shell, in a process group of its own: Ctrl-C at the terminal does not reach it, and ending it ends
 * what it started. Settles when all of it has ended.
 *
 * @throws the system's error if it cannot be started
 */
export function runCommandLine(commandLine: string, options: CommandLineOptions): Promise<ProgramEnd> {
  const { input, environment, signal, killAfterMs, onStderr } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(commandLine, { shell: true, detached: true, stdio: "pipe", env: environment });
    const stdout: Buffer[] = [];
    let stdoutBytes = 0;
    let wroteTooMuch = false;
    let tail = Buffer.alloc(0);
    let timer: NodeJS.Timeout | undefined;

    const toGroup = (name: NodeJS.Signals) => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, name);
      } catch {
        // It has ended.
      }
    };
    const end = () => {
      toGroup("SIGTERM");
      timer ??= setTimeout(() => toGroup("SIGKILL"), killAfterMs());
    };

    child.stdout.on("data", (chunk: Buffer) => {
      if (wroteTooMuch) return;
      stdoutBytes += chunk.length;
      wroteTooMuch = stdoutBytes > maxOutputBytes;
      if (wroteTooMuch) end();
      else stdout.push(chunk);
    });
    child.stderr.on("data", (chunk: Buffer) => {
      onStderr(chunk);
      tail = Buffer.concat([tail, chunk]).subarray(-tailBytes);
    });
    // A program need not read its input; it may be gone before all of it is written.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);

    child.once("error", (error) => {
      release();
      if (child.pid === undefined) reject(error);
    });
    child.once("exit", () => {
      clearTimeout(timer);
      timer = setTimeout(() => toGroup("SIGKILL"), lingerMs);
    });
    child.once("close", (exitCode, endedBy) => {
      clearTimeout(timer);
      release();
      resolve({ exitCode, endedBy, stdout: Buffer.concat(stdout), wroteTooMuch, stderrTail: tail.toString() });
    });
    const release = onAbort(signal, end);
  });
}
