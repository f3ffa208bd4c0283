/** A program of the tests: opens a store on the file that it is given, and prints `opened` or why it was refused. */

import { writeSync } from "node:fs";
import { SqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";

try {
  const store = await SqliteStore.open({ path: process.argv[2] ?? "" });
  writeSync(1, "opened");
  await store.close();
} catch (error) {
  writeSync(1, error instanceof Error ? `${error.name}: ${error.message}` : String(error));
}
