import { Readable, Writable } from "node:stream";
import { clientCommands } from "../../src/cli/commands.ts";
import { runProgram } from "../../src/cli/program.ts";
import type { Shell } from "../../src/cli/terminal/shell.ts";

/** What a test changes of the shell that a command runs in. */
export interface ShellOptions {
  /** What is on standard input. Default: nothing. */
  readonly stdin?: string | Uint8Array;
  /** Whether somebody sits there: input and errors are a terminal. Default false. */
  readonly isTTY?: boolean;
  /** Default false. */
  readonly colours?: boolean;
  /** How many characters fit on a line. Default: as many as there are. */
  readonly columns?: number;
  /** Variables of the environment, over the usual ones. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What a command did. */
export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as it is. */
  readonly bytes: Buffer;
}

/** A command that runs in this process. */
export interface RunningCommand {
  /** Resolves when it has ended. */
  readonly ended: Promise<Outcome>;
  /** Ctrl-C. */
  interrupt(): void;
  /** Resolves when it has written the text, to standard output or error. */
  says(text: string): Promise<void>;
  /** What it has written to standard output. */
  said(): string;
}

/** Starts `sitq` in this process. */
export function startSitq(args: readonly string[], options: ShellOptions = {}): RunningCommand {
  const { stdin = "", isTTY = false, colours = false, columns = null, environment = {} } = options;
  const listeners = new Set<() => void>();
  let interruptsEarly = false;
  const waiting = new Set<() => void>();
  const told = () => {
    for (const look of waiting) look();
  };
  const [stdout, stderr] = [collector(told), collector(told)];
  const shell: Shell = {
    stdin: Object.assign(Readable.from([Buffer.from(stdin)]), { isTTY }),
    stdout: stdout.stream,
    stderr: Object.assign(stderr.stream, { isTTY }),
    colours,
    columns,
    environment: { PATH: process.env.PATH, NODE_COMPILE_CACHE: "the launcher's", ...environment },
    onInterrupt(listener) {
      listeners.add(listener);
      if (interruptsEarly) queueMicrotask(listener);
      return () => listeners.delete(listener);
    },
  };
  const ended = run(args, shell).then((exitCode) => ({
    exitCode,
    stdout: stdout.content().toString(),
    stderr: stderr.content().toString(),
    bytes: stdout.content(),
  }));

  function says(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (![stdout, stderr].some((stream) => stream.content().includes(text))) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
      void ended.then(({ exitCode, stderr: said }) => reject(new Error(`It ended with ${exitCode} before: ${said}`)));
    });
  }

  return {
    ended,
    says,
    said: () => stdout.content().toString(),
    interrupt() {
      // Its code may not be loaded yet.
      interruptsEarly = listeners.size === 0;
      for (const listener of listeners) listener();
    },
  };
}

/** Runs `sitq` in this process to its end. */
export function sitq(args: readonly string[], options?: ShellOptions): Promise<Outcome> {
  return startSitq(args, options).ended;
}

/** A command line in one string, with blanks between the arguments and none in them. */
export function words(line: string): string[] {
  return line.split(" ");
}

function collector(told: () => void) {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
      told();
    },
  });
  return { stream, content: () => Buffer.concat(chunks) };
}

/** The lines of `--json`. What is in them is the assertions' to check. */
export function jsonLines({ stdout }: Outcome): JsonLine[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

/** One object that `--json` printed. */
export type JsonLine = Record<string, unknown>;

async function run(args: readonly string[], shell: Shell): Promise<number> {
  return runProgram(args, shell, await clientCommands(shell, args[0]));
}
