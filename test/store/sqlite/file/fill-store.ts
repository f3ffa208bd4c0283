/** A program of the tests: opens a store on the file that it is given, stores 100 tasks of so many bytes, and says how many. */

import { writeSync } from "node:fs";
import { SqliteStore } from "../../../../src/store/sqlite/sqlite-store.ts";
import { newTask } from "../../../harness/calls/builders.ts";

const [, , path = "", bytes = "0"] = process.argv;
const store = await SqliteStore.open({ path });
const count = 100;
for (let n = 0; n < count; n++) await store.enqueue([newTask({ payload: new Uint8Array(Number(bytes)) })], 1_000 + n);
writeSync(1, String(count));
setInterval(() => undefined, 1_000);
