import { existsSync, statfsSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { delimiter, dirname, resolve } from "node:path";
import { defineConfig } from "vitest/config";

/** The type of a tmpfs, as statfs(2) has it. */
const tmpfs = 0x0102_1994;
/** The tests of a run leave nothing behind; the largest database of one has 100 MB. */
const enoughBytes = 4 * 1_024 ** 3;

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // They install what they test: npm run test:package. And they take a minute: npm run test:large.
    exclude: ["test/package/**", "test/console/large/**"],
    environment: "node",
    globalSetup: ["test/console/browser/built-console.ts"],
    // Processes, not threads: the store has a thread of its own, and some tests send signals.
    pool: "forks",
    // All cores, where vitest leaves one free by itself: on two it would run one file after the other.
    maxWorkers: availableParallelism(),
    // For what hangs, not for what is slow: a machine that does other things too takes ten times as long.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 10_000,
    expect: { poll: { timeout: 30_000 } },
    env: {
      // A program that a test starts by the name `node` is the one that runs the tests; grpcurl is where .ci/run installs it.
      PATH: [dirname(process.execPath), resolve(".tools/bin"), process.env.PATH].join(delimiter),
      TMPDIR: temporaryDirectory(),
      // Most of what opening a store costs is reading and stripping its TypeScript, anew on each thread: 100 ms, 20 ms from a cache.
      NODE_COMPILE_CACHE: resolve("node_modules/.cache/compile"),
    },
    // .ci/run reads the figures.
    reporters: process.env.CI
      ? ["default", ["json", { outputFile: "node_modules/.vitest/results.json" }]]
      : ["default"],
  },
});

/**
 * Memory, where there is enough of it: the tests of the store wait for fsync most of their time, and none of
 * them cuts the power. What a disk loses then is asked of `npm run torture -- power`.
 */
function temporaryDirectory(): string {
  const memory = "/dev/shm";
  if (process.env.TMPDIR !== undefined || process.platform !== "linux" || !existsSync(memory)) return tmpdir();
  const { type, bavail, bsize } = statfsSync(memory);
  return type === tmpfs && bavail * bsize >= enoughBytes ? memory : tmpdir();
}
