import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { environment } from "../../test/harness/server-process.ts";

/** What a program is asked for: interop/README.md. */
export interface Command {
  readonly target: string;
  readonly calls: number;
  readonly concurrency: number;
  readonly deadline_ms: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the calls of a command came to. */
export interface Outcome {
  /** How many calls each instance answered. */
  readonly answers: Readonly<Record<string, number>>;
  /** How many calls failed, by the name of their status. */
  readonly failures: Readonly<Record<string, number>>;
  /** What some of the failures say. */
  readonly messages: readonly string[];
}

/** How long a program may take for its calls beyond their deadlines, in milliseconds. */
const patienceMs = 30_000;
/** What of standard error is kept, in characters. */
const keptErrors = 4_000;

/** A client of gRPC in a process of its own, which calls what it is asked to. */
export class Program {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: Interface;
  readonly #exited: Promise<void>;
  /** The end of what it wrote to standard error. */
  errors = "";

  constructor([file = "", ...words]: readonly string[], variables: Readonly<Record<string, string>>) {
    this.#child = spawn(file, words, { stdio: ["pipe", "pipe", "pipe"], env: { ...environment(), ...variables } });
    this.#lines = createInterface({ input: this.#child.stdout });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.errors = (this.errors + text).slice(-keptErrors);
    });
    this.#child.stdin.on("error", () => undefined);
    this.#exited = new Promise((resolve) => {
      this.#child.once("error", (error) => {
        this.errors += String(error);
        resolve();
      });
      this.#child.once("close", () => resolve());
    });
  }

  /** Has it make calls. One command at a time. @throws Error if it ends, or does not answer long after the deadlines */
  async ask(command: Command): Promise<Outcome> {
    const mostMs = Math.ceil(command.calls / command.concurrency) * command.deadline_ms;
    const limit = AbortSignal.timeout(Math.min(mostMs, 60_000) + patienceMs);
    const answer = new Promise<string>((resolve, reject) => {
      this.#lines.once("line", resolve);
      limit.addEventListener("abort", () => reject(new Error("the program did not answer in time")));
      void this.#exited.then(() => reject(new Error("the program ended")));
    });
    this.#child.stdin.write(`${JSON.stringify(command)}\n`);
    return JSON.parse(await answer) as Outcome;
  }

  /** Kills it, and resolves when it is gone. */
  async stop(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }
}
