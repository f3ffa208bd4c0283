import { defineConfig } from "vitest/config";

/** The tests of the packages as they are published: they build, pack and install, which takes a minute and a registry. */
export default defineConfig({
  test: {
    include: ["test/package/**/*.test.ts"],
    environment: "node",
    pool: "forks",
    testTimeout: 120_000,
    hookTimeout: 300_000,
    // .ci/run reads the figures.
    reporters: process.env.CI
      ? ["default", ["json", { outputFile: "node_modules/.vitest/package-results.json" }]]
      : ["default"],
  },
});
