import { defineConfig } from "vitest/config";
import tests from "./vitest.config.ts";

/** Whose tests run whole servers; here each of these keeps its data in PostgreSQL. */
const folders = ["access", "events", "http", "maintenance", "metrics", "queue", "registry", "rpc", "workflows"];

/** Tests of files of SQLite, or of a server that has its storage for itself: they would not be about PostgreSQL, each by its name. */
const aboutFiles: Readonly<Record<string, readonly string[]>> = {
  "their server is started with a copy of its file": ["finds everything that was settled in the files"],
  "PostgreSQL refuses a second server with another text, see test/store/postgres/start.test.ts": [
    "refuses a second server on the same file",
  ],
  "PostgreSQL has backups of its own": [
    "says what is wrong, stably and in full: BACKUP_RUNNING",
    "streams a sound copy of the database",
    "copies one state of the database while it is written to",
    "refuses a second backup while one runs",
    "makes a copy for the next one after a reader has left half-way",
    "ends a backup when the server stops",
    "removes the copies that a killed server has left behind",
  ],
  "several servers can share PostgreSQL": ["lists a server that has its storage for itself alone"],
  "a credential that is unknown is looked for again first, after a pause by a clock that stands": [
    "signs a caller in by a new JWT from an address that sends invalid ones",
    "slows invalid credentials of an address down, then refuses them",
  ],
  "the engine is named": ["says what the server is"],
  "content is damaged in the file": ["starts with a registration whose metadata is damaged"],
};

/** The suites of whole servers over PostgreSQL; without `SITQ_TEST_STORE`, its URL, one is started. */
export default defineConfig({
  test: {
    ...tests.test,
    include: folders.map((folder) => `test/${folder}/**/*.test.ts`),
    exclude: [],
    testNamePattern: new RegExp(`^(?!.*(${Object.values(aboutFiles).flat().join("|")}))`),
    globalSetup: ["test/harness/databases/postgres-for-run.ts"],
    reporters: process.env.CI
      ? ["default", ["json", { outputFile: "node_modules/.vitest/postgres-results.json" }]]
      : ["default"],
  },
});
