import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { environment } from "../../test/harness/server-process.ts";
import { cut, type Transcript } from "./transcript.ts";

/** A line of a program under test. */
export interface ProgramEvent {
  readonly event: string;
  readonly task?: string;
  readonly attempt?: number;
  readonly how?: string;
  readonly code?: string | null;
  readonly reason?: string | null;
  readonly n?: number;
  readonly created?: boolean;
  readonly field?: string | null;
  readonly retry_after?: number | null;
  /** When it came, by `performance.now()`. */
  readonly atMs: number;
}

/** What of standard error is kept, in characters. */
const keptErrors = 6_000;

/** A program under test that runs. */
export class Program {
  readonly events: ProgramEvent[] = [];
  /** The end of what it wrote to standard error. */
  errors = "";
  /** How it ended: its code, or the signal; `null`: it runs. */
  end: number | NodeJS.Signals | null = null;
  /** The most handlers that ran at a time. */
  mostRunning = 0;
  readonly exited: Promise<void>;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #transcript: Transcript;
  readonly #changed: () => void;

  constructor(command: readonly string[], args: readonly string[], transcript: Transcript, changed: () => void) {
    this.#transcript = transcript;
    this.#changed = changed;
    const [file = "", ...words] = [...command, ...args];
    this.#child = spawn(file, words, { stdio: ["ignore", "pipe", "pipe"], env: environment() });
    let rest = "";
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#take(line);
      changed();
    });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.errors = (this.errors + text).slice(-keptErrors);
    });
    this.exited = new Promise((resolve) => {
      const ended = (how: number | NodeJS.Signals) => {
        this.end = how;
        transcript.note("program", `ends with ${how}`);
        changed();
        resolve();
      };
      this.#child.once("error", (error) => {
        this.errors += String(error);
        ended(127);
      });
      this.#child.once("close", (code, signal) => ended(code ?? signal ?? -1));
    });
  }

  /** How many handlers run. */
  get running(): number {
    return this.count("started") - this.count("ended");
  }

  /** How many lines of an event there are. */
  count(event: string, facts: Partial<ProgramEvent> = {}): number {
    return this.all(event, facts).length;
  }

  /** The lines of an event. */
  all(event: string, facts: Partial<ProgramEvent> = {}): readonly ProgramEvent[] {
    const wanted = Object.entries({ ...facts, event });
    return this.events.filter((each) => wanted.every(([name, value]) => each[name as keyof ProgramEvent] === value));
  }

  /** Whether a handler of the task has begun. */
  hasStarted(task: string, attempt = 1): boolean {
    return this.count("started", { task, attempt }) > 0;
  }

  /** Whether a handler of the task has ended, and how. */
  hasEnded(task: string, how?: string): boolean {
    return this.count("ended", how === undefined ? { task } : { task, how }) > 0;
  }

  signal(signal: NodeJS.Signals): void {
    this.#transcript.note("judge", signal);
    this.#child.kill(signal);
  }

  /** Kills it if it runs, and resolves when it is gone. */
  async stop(): Promise<void> {
    if (this.end === null) this.#child.kill("SIGKILL");
    await this.exited;
  }

  #take(line: string): void {
    if (line.trim() === "") return;
    this.#transcript.note("program", cut(line));
    const event = parse(line);
    if (event === null) this.#transcript.note("program", "the line above is no event");
    else this.events.push(event);
    this.mostRunning = Math.max(this.mostRunning, this.running);
    this.#changed();
  }
}

function parse(line: string): ProgramEvent | null {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null || !("event" in value)) return null;
    return { ...(value as Omit<ProgramEvent, "atMs">), atMs: performance.now() };
  } catch {
    return null;
  }
}
