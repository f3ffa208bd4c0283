import { defineConfig } from "vitest/config";

/** The tests of the console with much data, which take a minute. */
export default defineConfig({
  test: {
    include: ["test/console/large/**/*.test.ts"],
    environment: "node",
    pool: "forks",
    globalSetup: ["test/console/browser/built-console.ts"],
    testTimeout: 600_000,
    hookTimeout: 120_000,
    // .ci/run reads the figures.
    reporters: process.env.CI
      ? ["default", ["json", { outputFile: "node_modules/.vitest/large-results.json" }]]
      : ["default"],
  },
});
