/**
 * A program of the tests: opens a store and enqueues, claims and completes until it is killed. It prints a line for each thing
 * that was acknowledged: `enqueued ID`, `claimed ID`, `completed ID`.
 */

import { writeSync } from "node:fs";
import { leaseOf } from "../../../src/domain/lease.ts";
import { SqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import { newTask } from "../../harness/calls/builders.ts";

const [, , path = "", start = "0"] = process.argv;
const store = await SqliteStore.open({ path });
writeSync(1, "opened\n");

for (let nowMs = Number(start); ; nowMs++) {
  const tasks = Array.from({ length: 5 }, () => newTask({ payload: new Uint8Array(500) }));
  // Called in one turn: all of this commits together, with what the turn before left.
  const [answers, claim] = await Promise.all([
    store.enqueue(tasks, nowMs),
    store.claim({ queue: "orders", slots: [{ workerId: "w", n: 3 }], leaseUntilMs: null }, nowMs),
  ]);
  const lines = answers.map((answer) => (answer.status === "created" ? `enqueued ${answer.task.id}` : answer.status));
  lines.push(...claim.tasks.map(({ id }) => `claimed ${id}`));
  writeSync(1, `${lines.join("\n")}\n`);
  const settlements = claim.tasks.map((task) => ({
    ...leaseOf(task, "stream"),
    outcome: { kind: "completed" as const, result: null },
  }));
  await store.settle(settlements, nowMs);
  writeSync(1, claim.tasks.map(({ id }) => `completed ${id}\n`).join(""));
}
