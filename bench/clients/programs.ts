/**
 * The clients of other languages, as the benchmark of clients runs them. Each has a program:
 *
 * ```
 * PROGRAM drain   --address HOST:PORT --queue QUEUE --capacity N    a worker of the type `work`, whose handler does nothing
 * PROGRAM enqueue --address HOST:PORT --queue QUEUE --in-flight N   single enqueues of the type `work` with 200 bytes, N at a time
 * ```
 *
 * Each runs until SIGTERM, and writes lines: `connected` when its worker is, then how many tasks it has handled or stored in all, whenever
 * that has changed, every 20 ms.
 */

import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import type { BuiltProgram } from "../../conformance/toolchain.ts";

/** A language with a client. */
export interface ClientProgram extends BuiltProgram {
  readonly command: readonly string[];
  /** What its rates are at least, as a share of those of TypeScript. */
  readonly atLeast: number;
  /** Tasks before those that are measured. Default 20,000. */
  readonly warmUpTasks?: number;
}

/** All languages, TypeScript first: the others are compared with it. */
export const clientPrograms: readonly ClientProgram[] = [
  {
    name: "TypeScript",
    toolchain: null,
    build: null,
    command: [process.execPath, resolve("bench/clients/typescript.ts")],
    atLeast: 1,
  },
  {
    name: "Go",
    toolchain: ["go", "version"],
    build: ["go", "build", "-C", "clients/go", "-o", resolve(".tools/bench/go"), "./cmd/bench"],
    command: [resolve(".tools/bench/go")],
    atLeast: 1,
  },
  {
    name: "Python",
    toolchain: ["python3", "-m", "venv", "--help"],
    build: ["clients/python/install"],
    command: [resolve(".tools/python/bin/python"), resolve("clients/python/bench/program.py")],
    atLeast: 0.5,
  },
  {
    name: "Java",
    toolchain: ["mvn", "--version"],
    build: ["mvn", "--quiet", "--batch-mode", "--file", "clients/java", "process-test-classes"],
    command: [resolve("clients/java/run"), "com.sitq.client.bench.Bench"],
    atLeast: 0.5,
    // The JVM compiles for as long: 42 µs of processor time a task after the first 20,000, 21 after these.
    warmUpTasks: 150_000,
  },
  {
    name: "Rust",
    toolchain: ["cargo", "--version"],
    build: [
      "cargo",
      "build",
      "--quiet",
      "--locked",
      "--release",
      "--package",
      "bench",
      "--manifest-path",
      "clients/rust/Cargo.toml",
    ],
    command: [resolve("clients/rust/target/release/bench")],
    atLeast: 1,
  },
];

/** A program that runs. */
export interface RunningProgram extends AsyncDisposable {
  readonly pid: number;
  /** How many tasks it has handled or stored in all, as it last said. */
  readonly count: number;
  /** Resolves when its worker is connected. */
  connected(): Promise<void>;
  /** Resolves when it has handled or stored so many. */
  reached(count: number): Promise<void>;
}

/** Starts a program. Disposing ends it in order. */
export function startProgram({ command, name }: ClientProgram, args: readonly string[]): RunningProgram {
  const [program = "", ...first] = command;
  const child = spawn(program, [...first, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  let count = 0;
  let isConnected = false;
  let hasEnded = false;
  let hear: () => void = () => undefined;
  const ended = new Promise<void>((resolveEnd) => child.once("close", () => resolveEnd()));
  void ended.then(() => {
    hasEnded = true;
    hear();
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (line === "connected") isConnected = true;
    else count = Number(line);
    hear();
  });

  function until(isThere: () => boolean): Promise<void> {
    return new Promise((resolveThere, reject) => {
      hear = () => {
        if (isThere()) resolveThere();
        else if (hasEnded) reject(new Error(`the program of ${name} has ended`));
      };
      hear();
    });
  }

  return {
    pid: child.pid ?? 0,
    get count() {
      return count;
    },
    connected: () => until(() => isConnected),
    reached: (goal) => until(() => count >= goal),
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
