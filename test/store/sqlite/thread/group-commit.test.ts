import { expect, test } from "vitest";
import { createEngine } from "../../../../src/store/sqlite/engine/engine.ts";
import type { VerbName } from "../../../../src/store/sqlite/engine/verb.ts";
import { openDatabase } from "../../../../src/store/sqlite/file/database.ts";
import { createGroupCommit, StorageFailure } from "../../../../src/store/sqlite/thread/group-commit.ts";
import { packArgs, packVerbs } from "../../../../src/store/sqlite/thread/packed-verbs.ts";
import { createVerbs } from "../../../../src/store/sqlite/thread/verbs.ts";
import type { SlowCommit } from "../../../../src/store/store.ts";
import { Tallies } from "../../../../src/store/tallies/tallies.ts";
import { newTask, taskError } from "../../../harness/calls/builders.ts";
import { createTempDir } from "../../../harness/temp-dir.ts";

test("after an I/O error it writes nothing more, whatever has arrived meanwhile", async () => {
  await using dir = await createTempDir();
  const { db } = openDatabase(dir.file("sitq.db"), "full");
  const engine = createEngine(db, 100);
  const verbs = packVerbs(createVerbs(engine));
  const written = () => db.prepare<[], number>("SELECT total_changes()").pluck().get();
  const { settle: commit } = createGroupCommit(engine, {
    ...verbs,
    listQueues() {
      throw Object.assign(new Error("disk I/O error"), { code: "SQLITE_IOERR_FSYNC" });
    },
  });
  expect(() => commit([{ id: 1, verb: "listQueues", args: [null, 10] }])).toThrow(StorageFailure);
  const before = written();
  expect(() => commit([{ id: 2, verb: "updateQueue", args: ["q", { paused: true }, true, 1] }])).toThrow(
    StorageFailure,
  );
  expect(written()).toBe(before);
  db.close();
});

test("on a full disk it answers reads, which see what was handed out since, and refuses what writes", async () => {
  await using dir = await createTempDir();
  const { db } = openDatabase(dir.file("sitq.db"), "full");
  const engine = createEngine(db, 100);
  let isFull = false;
  const prepare = ((sql: string) => {
    const statement = db.prepare(sql);
    if (sql !== "COMMIT") return statement;
    const run = () => {
      if (isFull) throw Object.assign(new Error("database or disk is full"), { code: "SQLITE_FULL" });
      return statement.run();
    };
    return { run };
  }) as typeof db.prepare;
  const failing = Object.create(db, { prepare: { value: prepare }, inTransaction: { get: () => db.inTransaction } });
  const { settle, claimFirst } = createGroupCommit({ ...engine, db: failing }, createVerbs(engine) as never);
  const call = (verb: VerbName, ...args: unknown[]) => settle([{ id: 1, verb, args }])[0];

  call("enqueue", [newTask({ queue: "q" }), newTask({ queue: "q" })], 1);
  isFull = true;
  const plan = { queue: "q", slots: [{ workerId: "w", n: 1 }], leaseUntilMs: null };
  const { answers } = claimFirst([{ id: 1, verb: "claim", args: [plan, 2] }]);
  const [claimed] = (answers[0] as { value: { tasks: { id: string }[] } }).value.tasks;
  const read = (state: string) => ({ value: [{ task: { id: claimed?.id, state } }] });
  expect(call("get", [claimed?.id])).toMatchObject(read("running"));
  expect(call("getQueue", "q")).toMatchObject({ value: { counts: { pending: 1, running: 1 } } });
  expect(call("cancel", [claimed?.id], taskError(), 3)).toMatchObject({ error: "disk_full" });
  expect(call("get", [claimed?.id])).toMatchObject(read("running"));
  expect(engine.leases.size).toBe(1);

  isFull = false;
  call("cancel", [claimed?.id], taskError(), 3);
  expect(call("get", [claimed?.id])).toMatchObject(read("cancelled"));
  db.close();
});

test("takes back what a transaction counted that was undone, and counts its calls when they run again", async () => {
  await using dir = await createTempDir();
  const { db } = openDatabase(dir.file("sitq.db"), "full");
  const noFiles = { databaseBytes: 0, walBytes: 0, freeBytes: 0, reserveBytes: 0 };
  const engine = createEngine(db, 100, new Tallies(10, () => noFiles));
  const verbs = packVerbs(createVerbs(engine));
  const { settle } = createGroupCommit(engine, {
    ...verbs,
    listQueues() {
      throw new Error("a bug");
    },
  });
  const enqueue = (id: number) => ({ id, verb: "enqueue", args: packArgs("enqueue", [[newTask()], 1]) }) as const;
  const answers = settle([enqueue(1), { id: 2, verb: "listQueues", args: [] }, enqueue(3)]);
  expect(answers).toMatchObject([{ id: 1 }, { error: "bug" }, { id: 3 }]);
  const [measured] = settle([{ id: 4, verb: "measure", args: [1] }]);
  expect(measured).toMatchObject({ value: { queues: [{ created: 2, tasks: { pending: 2 } }] } });
  db.close();
});

test("reports a commit that takes long, with its verbs and the part of the disk", async () => {
  await using dir = await createTempDir();
  const { db } = openDatabase(dir.file("sitq.db"), "full");
  const engine = createEngine(db, 100);
  const slow: SlowCommit[] = [];
  const prepare = ((sql: string) => {
    const statement = db.prepare(sql);
    if (sql !== "COMMIT") return statement;
    // The thread of the store waits for the disk in the same way.
    return { run: () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 520) && statement.run() };
  }) as typeof db.prepare;
  const onDisk = Object.create(db, { prepare: { value: prepare }, inTransaction: { get: () => db.inTransaction } });
  const verbs = packVerbs(createVerbs(engine));
  const { settle } = createGroupCommit({ ...engine, db: onDisk }, verbs, undefined, (commit) => slow.push(commit));
  settle([{ id: 1, verb: "updateQueue", args: ["q", { paused: true }, true, 1] }]);
  expect(slow).toMatchObject([{ verbs: ["updateQueue"] }]);
  expect(slow[0]?.syncMs).toBeGreaterThan(500);
  expect(slow[0]?.durationMs).toBeGreaterThanOrEqual(slow[0]?.syncMs ?? 0);
  db.close();
});
