import { readFileSync, writeFileSync } from "node:fs";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { idOfKey } from "../../../../src/domain/ids.ts";
import { leaseOf } from "../../../../src/domain/lease.ts";
import type { ClaimedTask } from "../../../../src/domain/tasks/task.ts";
import { SqliteStore } from "../../../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../../../src/store/store.ts";
import {
  everyEvent,
  newEvent,
  newStep,
  newSubscription,
  newTask,
  newWorkflow,
  taskFilter,
} from "../../../harness/calls/builders.ts";
import { createSeededRandom } from "../../../harness/seeded-random.ts";
import { createTempDir } from "../../../harness/temp-dir.ts";
import { startMs } from "../../store-harness.ts";

const now = startMs + 1_000;
const text = (value: string) => new TextEncoder().encode(value);

/** Claims all that a queue holds. */
async function claimAll(store: Store, queue: string): Promise<ClaimedTask[]> {
  const claimed: ClaimedTask[] = [];
  for (;;) {
    const slots = [{ workerId: "w", n: 100 }];
    const { tasks, short } = await store.claim({ queue, slots, leaseUntilMs: null }, now);
    claimed.push(...tasks);
    if (short !== "cut" && tasks.length === 0) return claimed;
  }
}

/** What of a claimed task must be as it was handed over. */
function delivered({
  id,
  queue,
  type,
  payload,
  headers,
  correlationId,
  sourceService,
  event,
  step,
  origin,
}: ClaimedTask) {
  const texts = Object.entries(step?.results ?? {}).map(([name, result]) => [
    name,
    result && Buffer.from(result).toString(),
  ]);
  const input = step?.expressions?.input;
  return JSON.stringify({
    id,
    queue,
    type,
    headers,
    correlationId,
    sourceService,
    event,
    origin,
    results: texts,
    payload: payload && Buffer.from(payload).toString(),
    input: input && Buffer.from(input).toString(),
  });
}

/** Stores tasks, deliveries and a workflow whose second step reads the result of its first; answers the second's id. */
async function fill(path: string, count: number): Promise<void> {
  const store = await SqliteStore.open({ path });
  await store.createSubscription(newSubscription({ name: "mail", queue: "mail" }), { kind: "now" }, startMs);
  const numbers = Array.from({ length: count }, (_, n) => n);
  await store.enqueue(
    numbers.map((n) =>
      newTask({
        queue: "orders",
        payload: text(`order ${n} ${"x".repeat(n % 5 === 0 ? 3_000 : 100)}`),
        ...(n % 3 === 0 && {
          headers: JSON.stringify({ traceparent: `00-${n}` }),
          correlationId: `c-${n}`,
          maxAttempts: 7,
        }),
      }),
    ),
    startMs,
  );
  await store.publish(
    numbers.map((n) => newEvent({ id: `e-${n}`, data: text(`event ${n} ${"y".repeat(100)}`), subject: `s-${n}` })),
    startMs,
  );
  const steps = [
    newStep("a", { service: "first" }),
    newStep("b", { service: "second", dependsOn: [0], reads: [0], hasExpressions: true }),
  ];
  const workflows = numbers.map((n) => newWorkflow(steps, { input: text(`input ${n}`), digest: String(n) }));
  await store.startWorkflows(workflows, startMs);
  const first = await claimAll(store, "first");
  await store.settle(
    first.map((task, n) => ({
      ...leaseOf(task, "stream"),
      outcome: { kind: "completed", result: text(`result ${n} ${"z".repeat(100)}`) },
    })),
    startMs,
  );
  await store.close();
}

const queues = ["orders", "mail", "second"];

/** Opens a file and does something with it. */
async function withStore<T>(path: string, act: (store: Store, damages: readonly string[]) => Promise<T>): Promise<T> {
  const damages: string[] = [];
  const store = await SqliteStore.open({ path, onDamages: ({ setAside }) => damages.push(...setAside) });
  try {
    return await act(store, damages);
  } finally {
    await store.close();
  }
}

/** Claims all of a store; answers what was delivered, by id, and what was set aside. */
async function drain(store: Store, damages: readonly string[]) {
  const claimed: ClaimedTask[] = [];
  for (const queue of queues) claimed.push(...(await claimAll(store, queue)));
  const query = {
    filter: taskFilter({ states: ["failed"] }),
    cursor: null,
    limit: 1_000,
    full: false,
    maxBytes: 1e6,
  };
  const { tasks } = await store.list(query);
  const failed = tasks.map(({ id, error }) => ({ id, type: error?.type }));
  return { delivered: new Map(claimed.map((task) => [task.id, delivered(task)])), failed, damages };
}

/** Reads what a store shows as sound: the content of its events, tasks and workflows, by id. */
async function readSound(store: Store): Promise<Map<string, string>> {
  const sound = new Map<string, string>();
  const note = (id: string, damagedFields: readonly string[] | undefined, content: unknown) => {
    const bytesAsText = (_: string, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value;
    if (damagedFields === undefined) sound.set(id, JSON.stringify(content, bytesAsText));
  };
  const { events } = await store.readEvents({ filter: everyEvent, after: idOfKey(0), limit: 1_000, maxBytes: 1e7 });
  for (const { damagedFields, ...event } of events) note(event.position, damagedFields, event);
  const query = { filter: taskFilter({}), cursor: null, limit: 1_000, full: true, maxBytes: 1e7 };
  const { tasks } = await store.list(query);
  for (const { id, damagedFields, payload, headers, result } of tasks) {
    note(id, damagedFields, { payload, headers, result });
  }
  const workflows = await store.listWorkflows({
    filter: { name: null, states: [], correlationId: null, createdAfterMs: null, createdBeforeMs: null },
    cursor: null,
    limit: 1_000,
  });
  for (const { id } of workflows.workflows) {
    const workflow = await store.getWorkflow(id);
    if (workflow !== null) note(id, workflow.damagedFields, { input: workflow.input, name: workflow.name });
  }
  return sound;
}

describe("what is damaged on the disk", () => {
  const changes: Record<string, { sql: string; count?: number }> = {
    "a payload": {
      sql: "UPDATE task SET payload = CAST('0' || substr(payload, 2) AS BLOB) WHERE id = @task",
    },
    "a type": { sql: "UPDATE task SET type = 'pay' WHERE id = @task" },
    "a header": { sql: "UPDATE task SET headers = replace(headers, '00-', '10-') WHERE id = @task" },
    "headers that cannot be read": { sql: "UPDATE task SET headers = '{\"' WHERE id = @task" },
    "a correlation id": { sql: "UPDATE task SET correlation_id = 'd-0' WHERE id = @task" },
    "options that cannot be read": { sql: "UPDATE task SET options = '{' WHERE id = @task" },
    "the source": { sql: "UPDATE task SET source_service = 'other' WHERE id = @task" },
    "an event's data": { sql: "UPDATE event SET data = x'00' WHERE event_id = 'e-0'" },
    "an event's subject": { sql: "UPDATE event SET subject = 't-0' WHERE event_id = 'e-0'" },
    "a workflow's input": { sql: "UPDATE workflow SET input = x'00' WHERE digest = '0'" },
    "a workflow's plan": { sql: "UPDATE workflow SET plan = replace(plan, '\"b\"', '\"c\"') WHERE digest = '0'" },
    "a plan that cannot be read": {
      sql: "PRAGMA ignore_check_constraints = ON; UPDATE workflow SET plan = '[' WHERE digest = '0'",
    },
    "a step's result": { sql: "UPDATE task SET result = x'00' WHERE result IS NOT NULL AND id = @step" },
  };

  for (const [what, { sql }] of Object.entries(changes)) {
    it(`is not handed out, but set aside, and all else goes on: ${what}`, async () => {
      await using dir = await createTempDir();
      const path = dir.file("sitq.db");
      await fill(path, 4);
      const db = new Database(path);
      const first = (where: string) => db.prepare<[], number>(`SELECT min(id) FROM task WHERE ${where}`).pluck().get();
      const task = String(first("payload IS NOT NULL"));
      const step = String(first("result IS NOT NULL"));
      db.exec(sql.replaceAll("@task", task).replaceAll("@step", step));
      db.close();

      const { delivered: got, failed, damages } = await withStore(path, drain);
      expect(got.size).toBe(11);
      expect(failed.filter(({ type }) => type === "DATA_LOSS")).toHaveLength(1);
      expect(damages).toEqual(failed.filter(({ type }) => type === "DATA_LOSS").map(({ id }) => id));
    });
  }

  for (const damage of [
    "'['",
    "'{}'",
    "'[1, 2]'",
    "replace(plan, 'dependsOn', 'dependsOm')",
    "replace(plan, '[0]', '[7]')",
  ]) {
    it(`fails a workflow whose plan is not known any more, whatever of it goes on next: ${damage}`, async () => {
      await using dir = await createTempDir();
      const path = dir.file("sitq.db");
      const before = await SqliteStore.open({ path });
      const steps = [
        newStep("a", { service: "first" }),
        newStep("b", { service: "second", dependsOn: [0], reads: [0] }),
      ];
      const answers = await before.startWorkflows(
        [newWorkflow(steps), newWorkflow(steps), { ...newWorkflow(steps), awaitsExecution: true }],
        startMs,
      );
      const ids = answers.map((answer) => (answer.status === "created" ? answer.workflow.id : ""));
      const running = await claimAll(before, "first");
      const [first, second] = running.map((task) => leaseOf(task, "stream"));
      if (first === undefined || second === undefined) throw new Error("Both first steps run.");
      const done = { kind: "completed", result: text("1") } as const;
      await before.settle([{ ...first, outcome: done }], startMs);
      await before.close();
      const db = new Database(path);
      db.exec(`PRAGMA ignore_check_constraints = ON; UPDATE workflow SET plan = ${damage}`);
      db.close();

      const store = await SqliteStore.open({ path });
      // The next step of one is claimed, the last step of another completes, and a third is executed.
      expect(await claimAll(store, "second")).toEqual([]);
      expect(await store.settle([{ ...second, outcome: done }], startMs)).toMatchObject([{ status: "settled" }]);
      expect(await store.executeWorkflow(ids[2] ?? "", startMs)).toMatchObject({ status: "executed", isBegun: false });
      for (const id of ids) {
        const failure = { error: { type: "DATA_LOSS" } };
        expect(await store.getWorkflow(id)).toMatchObject({ state: "failed", finishMs: expect.any(Number), failure });
        expect(await store.retryWorkflow(id, startMs)).toMatchObject({ status: "not_retryable" });
      }
      await store.close();
    });
  }

  it("is named by a backup, which is made all the same", async () => {
    await using dir = await createTempDir();
    const path = dir.file("sitq.db");
    await fill(path, 12);
    const db = new Database(path);
    db.exec("UPDATE task SET payload = x'00' WHERE id = (SELECT min(id) FROM task WHERE payload IS NOT NULL)");
    db.exec("UPDATE event SET data = NULL");
    db.close();
    const store = await SqliteStore.open({ path });
    const { taskCount, damages } = await store.copyTo(dir.file("copy.db"), () => undefined);
    expect([taskCount, damages.count, damages.named.length]).toEqual([48, 13, 10]);
    expect(damages.named.slice(0, 2)).toEqual([
      expect.stringMatching(/^task \S+$/),
      expect.stringMatching(/^event \S+$/),
    ]);
    await store.close();
    // All else is good in the copy, and what is damaged is not delivered from there either.
    const { delivered: got, failed } = await withStore(dir.file("copy.db"), drain);
    expect([got.size, failed.filter(({ type }) => type === "DATA_LOSS").length]).toEqual([23, 13]);
  });

  it("is named by a backup where an index does not fit its rows any more", async () => {
    await using dir = await createTempDir();
    const path = dir.file("sitq.db");
    await fill(path, 2);
    const bytes = readFileSync(path);
    // In the row or in the index of its name: the two do not fit each other any more.
    const at = bytes.lastIndexOf("e-1");
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const store = await SqliteStore.open({ path });
    const { damages } = await store.copyTo(dir.file("copy.db"), () => undefined);
    expect(damages.count).toBeGreaterThan(0);
    expect(damages.named).toEqual(expect.arrayContaining([expect.stringMatching(/index event_name|^event \S+$/)]));
    await store.close();
    expect((await withStore(dir.file("copy.db"), drain)).delivered.size).toBeGreaterThan(3);
  });

  for (const change of ["type = 'other'", "subject = 's-9'", "type = '' || char(1)", "source_service = 'x'"]) {
    it(`is no event that a subscription passes over while it catches up: its delivery fails (${change})`, async () => {
      await using dir = await createTempDir();
      const path = dir.file("sitq.db");
      await fill(path, 3);
      const db = new Database(path);
      db.exec(`UPDATE event SET ${change} WHERE event_id = 'e-1'`);
      db.close();
      const damages: string[] = [];
      const store = await SqliteStore.open({ path, onDamages: ({ setAside }) => damages.push(...setAside) });
      const { type, sourceService } = newEvent({ id: "e-0", subject: "s-0" });
      const filter = { ...everyEvent, types: [type], sourceService, subject: "s-1" };
      const wish = newSubscription({ name: "late", queue: "late", filter });
      await store.createSubscription(wish, { kind: "earliest" }, now);
      while ((await store.catchUp(now)).isBehind);
      expect(await claimAll(store, "late")).toEqual([]);
      expect(await store.getSubscription("late")).toMatchObject({ state: "live", waiting: 0, failed: 1 });
      expect(damages).toHaveLength(1);
      await store.close();
    });
  }

  it("goes through large events in steps while it catches up", async () => {
    await using dir = await createTempDir();
    const store = await SqliteStore.open({ path: dir.file("sitq.db") });
    const data = new Uint8Array(1_000_000);
    await store.publish(
      Array.from({ length: 7 }, (_, n) => newEvent({ id: `e-${n}`, data })),
      startMs,
    );
    await store.createSubscription(newSubscription({ name: "late", queue: "late" }), { kind: "earliest" }, now);
    let steps = 1;
    while ((await store.catchUp(now)).isBehind) steps++;
    expect(steps).toBe(3);
    expect(await store.getSubscription("late")).toMatchObject({ state: "live", waiting: 7 });
    await store.close();
  });

  it("is unknown where an older version wrote it: that is handed out", async () => {
    await using dir = await createTempDir();
    const path = dir.file("sitq.db");
    await fill(path, 2);
    const db = new Database(path);
    db.exec("UPDATE task SET checksum = NULL, result_checksum = NULL; UPDATE event SET checksum = NULL");
    db.exec("UPDATE workflow SET plan_checksum = NULL, input_checksum = NULL");
    db.close();
    const { delivered: got, failed } = await withStore(path, drain);
    expect([got.size, failed]).toEqual([6, []]);
  });

  it("is set aside without a checksum too where its headers cannot be read, and the others are handed out", async () => {
    await using dir = await createTempDir();
    const path = dir.file("sitq.db");
    await fill(path, 4);
    const db = new Database(path);
    db.exec(
      "UPDATE task SET checksum = NULL; UPDATE task SET headers = '{' WHERE id = (SELECT min(id) FROM task WHERE headers IS NOT NULL)",
    );
    db.close();
    const { delivered: got, failed } = await withStore(path, drain);
    expect(got.size).toBe(4 + 4 + 4 - 1);
    expect(failed.map(({ type }) => type)).toEqual(["DATA_LOSS"]);
  });

  describe("is left out of what is read, which says so", () => {
    const damage = {
      payload: "UPDATE task SET payload = x'00' WHERE id = (SELECT min(id) FROM task WHERE payload IS NOT NULL)",
      result:
        "UPDATE task SET result = x'00' WHERE id = (SELECT min(id) FROM task WHERE workflow_id > 0 AND result IS NOT NULL)",
      deliveredResult:
        "UPDATE task SET result = x'00' WHERE id = (SELECT min(id) FROM task WHERE event_key IS NOT NULL)",
      event: "UPDATE event SET data = x'00', type = 'other' WHERE event_id = 'e-1'",
      attributes: "UPDATE event SET attributes = '{\"a\":{}}' WHERE event_id = 'e-2'",
      input: "UPDATE workflow SET input = x'00' WHERE digest = '0'",
      plan: "PRAGMA ignore_check_constraints = ON; UPDATE workflow SET plan = '[' WHERE digest = '1'",
      failure: "UPDATE workflow SET failure = '{' WHERE digest = '2'",
    };

    /** Opens a file with all these damages, of which an older version may have stored the content. */
    async function openDamaged(path: string, isOld = false) {
      await fill(path, 4);
      const before = await SqliteStore.open({ path });
      const deliveries = await claimAll(before, "mail");
      await before.settle(
        deliveries.map((task) => ({
          ...leaseOf(task, "stream"),
          outcome: { kind: "completed", result: text("done") },
        })),
        startMs,
      );
      await before.close();
      const db = new Database(path);
      const idOf = (what: string) => db.prepare<[], number>(`SELECT min(id) FROM ${what}`).pluck().get() ?? 0;
      const ids = {
        payload: idOfKey(idOf("task WHERE payload IS NOT NULL")),
        result: idOfKey(idOf("task WHERE workflow_id > 0 AND result IS NOT NULL")),
        delivery: idOfKey(idOf("task WHERE event_key = (SELECT id FROM event WHERE event_id = 'e-1')")),
        input: idOfKey(idOf("workflow WHERE digest = '0'")),
        plan: idOfKey(idOf("workflow WHERE digest = '1'")),
        failure: idOfKey(idOf("workflow WHERE digest = '2'")),
      };
      for (const sql of Object.values(damage)) db.exec(sql);
      if (isOld) {
        db.exec("UPDATE task SET checksum = NULL, result_checksum = NULL; UPDATE event SET checksum = NULL");
        db.exec("UPDATE workflow SET input_checksum = NULL");
      }
      db.close();
      const leftOut: string[] = [];
      const store = await SqliteStore.open({ path, onDamages: (found) => leftOut.push(...found.leftOut) });
      return { store, ids, leftOut };
    }

    it("by each call that reads a task", async () => {
      await using dir = await createTempDir();
      const { store, ids, leftOut } = await openDamaged(dir.file("sitq.db"));
      const read = await store.get([ids.payload, ids.result, ids.delivery]);
      expect(read.map((each) => each?.task)).toMatchObject([
        { payload: null, headers: null, damagedFields: ["payload", "headers"] },
        { result: null, damagedFields: ["result"] },
        { payload: null, event: { damagedFields: ["data", "attributes"] }, damagedFields: ["payload"] },
      ]);
      const query = { filter: taskFilter({}), cursor: null, limit: 1_000, maxBytes: 1e6 };
      const full = await store.list({ ...query, full: true });
      const damaged = full.tasks.filter((task) => task.damagedFields !== undefined);
      expect(damaged.map(({ id }) => id)).toEqual(expect.arrayContaining([ids.payload, ids.result, ids.delivery]));
      expect(damaged.every(({ payload, result }) => payload === null || result === null)).toBe(true);
      const basic = await store.list({ ...query, full: false });
      expect(basic.tasks.every((task) => task.damagedFields === undefined)).toBe(true);
      // Of each it is told once, however often it is read.
      await store.get([ids.payload]);
      await store.close();
      expect(leftOut).toEqual([...new Set(leftOut)]);
      expect(leftOut).toEqual(expect.arrayContaining([`task ${ids.payload}`, `the result of task ${ids.result}`]));
    });

    it("where the event that a task delivers is not found", async () => {
      await using dir = await createTempDir();
      const path = dir.file("sitq.db");
      await fill(path, 1);
      const db = new Database(path);
      db.pragma("foreign_keys = OFF");
      db.exec("DELETE FROM event");
      const id = idOfKey(db.prepare<[], number>("SELECT id FROM task WHERE event_key > 0").pluck().get() ?? 0);
      db.close();
      const store = await SqliteStore.open({ path });
      const [delivery] = await store.get([id]);
      expect(delivery?.task).toMatchObject({ payload: null, event: null, damagedFields: ["payload"] });
      await store.close();
    });

    it("by each call that reads an event, at the event's place and whatever the filter", async () => {
      await using dir = await createTempDir();
      const { store, leftOut } = await openDamaged(dir.file("sitq.db"));
      const mark = ["data", "attributes"];
      const marked = { data: null, attributes: null, damagedFields: mark };
      const { events } = await store.readEvents({
        filter: { ...everyEvent, subject: "s-3" },
        after: idOfKey(0),
        limit: 100,
        maxBytes: 1e6,
      });
      expect(events.map(({ id, damagedFields }) => [id, damagedFields])).toEqual([
        ["e-1", mark],
        ["e-2", mark],
        ["e-3", undefined],
      ]);
      expect(events.slice(0, 2)).toMatchObject([marked, marked]);
      const range = { publishedAfterMs: null, publishedBeforeMs: null, cursor: null, limit: 100 };
      const listed = await store.listEvents({ filter: everyEvent, ...range });
      expect(listed.events.map(({ id, damagedFields }) => [id, damagedFields])).toEqual([
        ["e-3", undefined],
        ["e-2", mark],
        ["e-1", mark],
        ["e-0", undefined],
      ]);
      expect(await store.getEvent("e-1", null, 10)).toMatchObject({ event: marked });
      const first = await store.getEvent("e-0", null, 10);
      expect(first?.event.damagedFields).toBeUndefined();
      expect(first?.deliveries).toMatchObject([{ task: { result: null, damagedFields: ["result"] } }]);
      await store.close();
      expect(leftOut.filter((what) => what.startsWith("event"))).toHaveLength(2);
    });

    it("by GetWorkflow: a step's result, the input, the plan, the failure", async () => {
      await using dir = await createTempDir();
      const { store, ids, leftOut } = await openDamaged(dir.file("sitq.db"));
      const found = await store.getWorkflow(ids.input);
      expect(found).toMatchObject({ input: null, damagedFields: ["input"] });
      expect(found?.steps[0]?.task).toMatchObject({ result: null, damagedFields: ["result"] });
      expect(await store.getWorkflow(ids.plan)).toMatchObject({ steps: [], damagedFields: ["steps"] });
      expect(await store.getWorkflow(ids.failure)).toMatchObject({ failure: null });
      await store.close();
      expect(leftOut).toEqual(expect.arrayContaining([`workflow ${ids.input}`, `workflow ${ids.plan}`]));
    });

    it("by GetWorkflow: a step whose task is gone, and no other step in its place", async () => {
      await using dir = await createTempDir();
      const path = dir.file("sitq.db");
      await fill(path, 1);
      const db = new Database(path);
      db.exec("DELETE FROM attempt; DELETE FROM task WHERE id = (SELECT min(id) + 1 FROM workflow)");
      const key = db.prepare<[], number>("SELECT min(id) FROM workflow").pluck().get() ?? 0;
      db.close();
      const found = await withStore(path, (store) => store.getWorkflow(idOfKey(key)));
      expect(found?.steps.map(({ stepId, task }) => [stepId, task.queue])).toEqual([["b", "second"]]);
      expect(found?.damagedFields).toEqual(["steps"]);
    });

    it("but for what an older version stored, of which only what cannot be read is known as damaged", async () => {
      await using dir = await createTempDir();
      const { store, ids } = await openDamaged(dir.file("sitq.db"), true);
      const [payload, result] = await store.get([ids.payload, ids.result]);
      expect([payload?.task, result?.task].map((task) => task?.damagedFields)).toEqual([undefined, undefined]);
      const { events } = await store.readEvents({ filter: everyEvent, after: idOfKey(0), limit: 100, maxBytes: 1e6 });
      expect(events.map(({ damagedFields }) => damagedFields !== undefined)).toEqual([false, false, true, false]);
      await store.close();
    });
  });

  it("is never delivered, and never read as sound, whichever bit of the file has flipped", async () => {
    await using dir = await createTempDir();
    const path = dir.file("sitq.db");
    await fill(path, 60);
    const whole = readFileSync(path);
    const rightRead = await withStore(path, readSound);
    const { delivered: right } = await withStore(path, drain);
    expect([right.size, rightRead.size]).toEqual([180, 360]);

    const random = createSeededRandom(2_026);
    const found = { unchanged: 0, setAside: 0, refused: 0 };
    for (let flip = 0; flip < 40; flip++) {
      const copy = dir.file(`flipped-${flip}.db`);
      const bytes = Buffer.from(whole);
      const at = random.integer(100, bytes.length - 1);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(0, 7));
      writeFileSync(copy, bytes);
      // A page that SQLite cannot read is named as that.
      const named = (error: unknown) => {
        expect(String(error), `byte ${at}`).toMatch(/damaged|storage|constraint|malformed/i);
        return null;
      };
      const damages: string[] = [];
      const onDamages = ({ setAside }: { readonly setAside: readonly string[] }) => void damages.push(...setAside);
      const store = await SqliteStore.open({ path: copy, onDamages }).catch(named);
      const read = (store && (await readSound(store).catch(named))) ?? [];
      const result = store && (await drain(store, damages).catch(named));
      await store?.close();
      const misread = [...read].filter(([id, content]) => rightRead.get(id) !== content);
      expect(misread, `byte ${at}`).toEqual([]);
      if (result === null) found.refused++;
      else if (result.damages.length > 0) found.setAside++;
      else found.unchanged++;
      const wrong = [...(result?.delivered ?? [])].filter(([id, content]) => right.get(id) !== content);
      expect(wrong, `byte ${at}`).toEqual([]);
    }
    expect(found.setAside).toBeGreaterThan(5);
  }, 120_000);
});
