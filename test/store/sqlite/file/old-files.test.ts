/** A file that an older version wrote opens with this one, and what is counted anew is right. */

import Database from "better-sqlite3";
import { expect, it } from "vitest";
import { idOfKey } from "../../../../src/domain/ids.ts";
import type { TaskFilter } from "../../../../src/domain/operators/task-filter.ts";
import { SqliteStore } from "../../../../src/store/sqlite/sqlite-store.ts";
import { taskFilter } from "../../../harness/calls/builders.ts";
import { createTempDir } from "../../../harness/temp-dir.ts";
import { listAllFailures } from "../../read-all.ts";
import { writeOldFile } from "./old-file.ts";

it("gives each registration from before an id of its own", async () => {
  await using dir = await createTempDir();
  const path = dir.file("old.db");
  const row = (id: string) => `('inventory', '${id}', 'h:1', 1, 0, '{}', 1000, 1)`;
  writeOldFile(path, 4, `INSERT INTO instance VALUES ${row("a")}, ${row("b")}`);
  const store = await SqliteStore.open({ path });
  const ids = (await store.instances()).map(({ registrationId }) => registrationId);
  await store.close();
  expect(ids).toHaveLength(2);
  expect(new Set(ids).size).toBe(2);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
});

/** A file of version 6 with one running task, a delivery, that says it has so many. */
function writeDeliveries(path: string, running: number): void {
  const filter = { types: [], sourceService: null, attributes: {}, subject: null, correlationId: null };
  const rest = { orderingKey: null, maxAttempts: null, retryPolicy: null, attemptTimeoutMs: null };
  const content = JSON.stringify({ name: "mail", filter, queue: "mail", ...rest });
  const task = (id: number, state: number, delivery = true) =>
    `(${id}, 1, ${state}, 0, ${id}, 1, ${state === 4 ? "'w', 1" : "NULL, NULL"}, ${state >= 5 ? 1 : "NULL"}, 't',
      ${delivery ? "1, 1" : "NULL, NULL"})`;
  writeOldFile(
    path,
    6,
    `INSERT INTO queue (id, name, settings, pending, running, completed, failed, create_ms, update_ms)
       VALUES (1, 'mail', '{}', 3, ${running}, 1, 1, 1, 1);
     INSERT INTO event (id, event_id, source_service, type) VALUES (1, 'e', 'shop', 't');
     INSERT INTO subscription (id, name, state, content, create_ms) VALUES (1, 'mail', 1, '${content}', 1);
     INSERT INTO task (id, queue_id, state, priority, ready_key, attempt, worker_id, start_ms, finish_ms, type,
         event_key, subscription_id)
       VALUES ${[task(11, 3), task(12, 3), task(13, 4), task(14, 5), task(15, 6), task(16, 3, false)].join()}`,
  );
}

it("counts the deliveries that are there", async () => {
  await using dir = await createTempDir();
  const path = dir.file("old.db");
  writeDeliveries(path, 1);
  const store = await SqliteStore.open({ path });
  const subscription = await store.getSubscription("mail");
  await store.close();
  expect(subscription).toMatchObject({ state: "live", waiting: 2, running: 1, failed: 1 });
});

it("counts what runs anew, whatever an earlier version wrote", async () => {
  await using dir = await createTempDir();
  const path = dir.file("old.db");
  writeDeliveries(path, 7);
  await (await SqliteStore.open({ path })).close();
  const db = new Database(path);
  db.exec("UPDATE queue SET deliveries = '[[1,2,9,1],[8,0,3,0]]'");
  db.close();
  const store = await SqliteStore.open({ path });
  const subscription = await store.getSubscription("mail");
  const queue = await store.getQueue("mail");
  await store.close();
  expect(subscription).toMatchObject({ waiting: 2, running: 1, failed: 1 });
  expect(queue?.counts).toMatchObject({ pending: 3, running: 1 });
});

it("counts a queue anew whose count on the disk is too low, and goes on", async () => {
  await using dir = await createTempDir();
  const path = dir.file("old.db");
  writeDeliveries(path, 1);
  await (await SqliteStore.open({ path })).close();
  const db = new Database(path);
  db.exec("UPDATE queue SET pending = 0, deliveries = '[[1,0,1,1]]'");
  db.close();
  const store = await SqliteStore.open({ path });
  const plan = { queue: "mail", slots: [{ workerId: "w2", n: 2 }], leaseUntilMs: null };
  const { tasks } = await store.claim(plan, Date.now());
  const subscription = await store.getSubscription("mail");
  const queue = await store.getQueue("mail");
  await store.close();
  expect(tasks).toHaveLength(2);
  expect(queue?.counts).toMatchObject({ pending: 1, running: 3, completed: 1, failed: 1 });
  expect(subscription).toMatchObject({ waiting: 0, running: 3, failed: 1 });
});

it("counts the failures that are there, by kind, whatever their errors look like, and goes on from there", async () => {
  await using dir = await createTempDir();
  const path = dir.file("old.db");
  const error = (type: string) => JSON.stringify({ type, message: `${type} it is`, stackTrace: "" });
  const rows: readonly (readonly [id: number, queue: number, state: number, type: string, error: string | null])[] = [
    [11, 1, 6, "send", error("SmtpError")],
    [12, 1, 6, "send", error("it's odd")],
    [13, 1, 6, "send", error("SmtpError")],
    [14, 1, 7, "send", error("SmtpError")],
    [15, 1, 6, "bill", error("SmtpError")],
    [16, 2, 6, "send", error("SmtpError")],
    [17, 2, 6, "send", "no JSON"],
    [18, 2, 6, "send", null],
    [19, 2, 6, "send", '{"message": "no type"}'],
    [20, 2, 6, "send", '{"type": 7}'],
    [21, 2, 3, "send", error("SmtpError")],
  ];
  const text = (value: string | null) => (value === null ? "NULL" : `'${value.replaceAll("'", "''")}'`);
  const values = rows.map(
    ([id, queue, state, type, stored]) =>
      `(${id}, ${queue}, ${state}, 0, ${id}, ${state > 4 ? id * 10 : "NULL"}, ${text(type)}, ${text(stored)})`,
  );
  writeOldFile(
    path,
    14,
    `INSERT INTO queue (id, name, settings, failed, cancelled, pending, create_ms, update_ms)
       VALUES (1, 'mail', '{}', 4, 1, 0, 1, 1), (2, 'post', '{}', 5, 0, 1, 1, 1);
     INSERT INTO task (id, queue_id, state, priority, ready_key, finish_ms, type, error) VALUES ${values.join()}`,
  );
  const store = await SqliteStore.open({ path });
  const kinds = async () =>
    (await listAllFailures(store)).map(({ queue, type, errorType, count }) =>
      [queue, type, errorType, count].join("/"),
    );
  const found = await listAllFailures(store);
  expect(await kinds()).toHaveLength(6);
  expect(new Set(await kinds())).toEqual(
    new Set([
      "post/send//3",
      "mail/send/SmtpError/2",
      "mail/send/it's odd/1",
      "mail/bill/SmtpError/1",
      "post/send/SmtpError/1",
      "post/send/7/1",
    ]),
  );
  expect(found[1]).toMatchObject({
    firstMs: 110,
    lastMs: 130,
    sampleId: idOfKey(13),
    sampleMessage: "SmtpError it is",
  });
  const change = (kind: "retry" | "delete", filter: Partial<TaskFilter>) =>
    store.changeMatching({ kind }, taskFilter({ states: ["failed"], ...filter }), null, false, Date.now());
  await change("retry", { queue: "mail", errorType: "SmtpError" });
  expect(new Set(await kinds())).toEqual(
    new Set(["post/send//3", "mail/send/it's odd/1", "post/send/SmtpError/1", "post/send/7/1"]),
  );
  await change("delete", {});
  expect(await kinds()).toEqual([]);
  await store.close();
});
