/** Opens a store, makes a task, and is killed at the answer: nothing tells the others. Its options are its first argument, as JSON. */

import { openPostgres } from "../../../../src/store/postgres/postgres-store.ts";
import { newTask } from "../../../harness/calls/builders.ts";

const store = await openPostgres(JSON.parse(process.argv[2] ?? ""));
await store.enqueue([newTask({ queue: "killed" })], Date.now());
process.kill(process.pid, "SIGKILL");
