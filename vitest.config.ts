import { delimiter, dirname, resolve } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // They install what they test: npm run test:package.
    exclude: ["test/package/**"],
    environment: "node",
    // Processes, not threads: the store has a thread of its own, and some tests send signals.
    pool: "forks",
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
    // A program that a test starts by the name `node` is the one that runs the tests; grpcurl is where .ci/run installs it.
    env: { PATH: [dirname(process.execPath), resolve(".tools/bin"), process.env.PATH].join(delimiter) },
    // .ci/run reads the figures.
    reporters: process.env.CI
      ? ["default", ["json", { outputFile: "node_modules/.vitest/results.json" }]]
      : ["default"],
  },
});
