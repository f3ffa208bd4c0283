import { readFileSync, writeFileSync } from "node:fs";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import type { ClaimedTask } from "../../../src/domain/task.ts";
import { createSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { newEvent, newStep, newSubscription, newTask, newWorkflow, taskFilter } from "../../support/builders.ts";
import { createSeededRandom } from "../../support/seeded-random.ts";
import { createTempDir } from "../../support/temp-dir.ts";
import { startMs } from "../lab.ts";

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
    ...{ id, queue, type, headers, correlationId, sourceService, event, origin, results: texts },
    ...{ payload: payload && Buffer.from(payload).toString(), input: input && Buffer.from(input).toString() },
  });
}

/** Stores tasks, deliveries and a workflow whose second step reads the result of its first; answers the second's id. */
async function fill(path: string, count: number): Promise<void> {
  const store = await createSqliteStore({ path });
  await store.createSubscription(newSubscription({ name: "mail", queue: "mail" }), { kind: "now" }, startMs);
  const numbers = Array.from({ length: count }, (_, n) => n);
  await store.enqueue(
    numbers.map((n) =>
      newTask({
        ...{ queue: "orders", payload: text(`order ${n} ${"x".repeat(n % 5 === 0 ? 3_000 : 100)}`) },
        ...(n % 3 === 0 && { headers: { traceparent: `00-${n}` }, correlationId: `c-${n}`, maxAttempts: 7 }),
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
    first.map(({ id, attempt, workerId }, n) => ({
      ...{ id, attempt, workerId, lease: "stream" },
      outcome: { kind: "completed", result: text(`result ${n} ${"z".repeat(100)}`) },
    })),
    startMs,
  );
  await store.close();
}

const queues = ["orders", "mail", "second"];

/** Opens a file and claims all of it; answers what was delivered, by id, and what was set aside. */
async function drain(path: string) {
  const damages: string[] = [];
  const store = await createSqliteStore({ path, onDamages: (ids) => damages.push(...ids) });
  try {
    const claimed: ClaimedTask[] = [];
    for (const queue of queues) claimed.push(...(await claimAll(store, queue)));
    const query = {
      filter: taskFilter({ states: ["failed"] }),
      beforeId: null,
      limit: 1_000,
      full: false,
      maxBytes: 1e6,
    };
    const { tasks } = await store.list(query);
    const failed = tasks.map(({ id, error }) => ({ id, type: error?.type }));
    return { delivered: new Map(claimed.map((task) => [task.id, delivered(task)])), failed, damages };
  } finally {
    await store.close();
  }
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

      const { delivered: got, failed, damages } = await drain(path);
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
      const before = await createSqliteStore({ path });
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
      const [first, second] = running.map(({ id, attempt, workerId }) => ({
        id,
        attempt,
        workerId,
        lease: "stream" as const,
      }));
      if (first === undefined || second === undefined) throw new Error("Both first steps run.");
      const done = { kind: "completed", result: text("1") } as const;
      await before.settle([{ ...first, outcome: done }], startMs);
      await before.close();
      const db = new Database(path);
      db.exec(`PRAGMA ignore_check_constraints = ON; UPDATE workflow SET plan = ${damage}`);
      db.close();

      const store = await createSqliteStore({ path });
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

  it("is found by the check of a backup, which names it", async () => {
    await using dir = await createTempDir();
    const path = dir.file("sitq.db");
    await fill(path, 2);
    const db = new Database(path);
    db.exec("UPDATE task SET payload = x'00' WHERE id = (SELECT min(id) FROM task WHERE payload IS NOT NULL)");
    db.exec("UPDATE event SET data = NULL WHERE event_id = 'e-0'");
    db.close();
    const store = await createSqliteStore({ path });
    await expect(store.backup(dir.file("copy.db"), () => undefined)).rejects.toMatchObject({
      reason: "DATA_LOSS",
      message: expect.stringMatching(/is damaged, .*: task \S+, event \S+\.$/),
    });
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
    const { delivered: got, failed } = await drain(path);
    expect([got.size, failed]).toEqual([6, []]);
  });

  it("is never delivered, whichever bit of the file has flipped", async () => {
    await using dir = await createTempDir();
    const path = dir.file("sitq.db");
    await fill(path, 60);
    const whole = readFileSync(path);
    const { delivered: right } = await drain(path);
    expect(right.size).toBe(180);

    const random = createSeededRandom(2_026);
    const found = { unchanged: 0, setAside: 0, refused: 0 };
    for (let flip = 0; flip < 40; flip++) {
      const copy = dir.file(`flipped-${flip}.db`);
      const bytes = Buffer.from(whole);
      const at = random.integer(100, bytes.length - 1);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(0, 7));
      writeFileSync(copy, bytes);
      const result = await drain(copy).catch((error: unknown) => {
        // A page that SQLite cannot read is named as that.
        expect(String(error)).toMatch(/damaged|storage|constraint|malformed/i);
        return null;
      });
      if (result === null) found.refused++;
      else if (result.damages.length > 0) found.setAside++;
      else found.unchanged++;
      const wrong = [...(result?.delivered ?? [])].filter(([id, content]) => right.get(id) !== content);
      expect(wrong, `byte ${at}`).toEqual([]);
    }
    expect(found.setAside).toBeGreaterThan(5);
  }, 120_000);
});
