import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { limits } from "../../../../src/contract/limits.ts";
import { leaseOf } from "../../../../src/domain/lease.ts";
import { SqliteStore } from "../../../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../../../src/store/store.ts";
import {
  newEvent,
  newStep,
  newSubscription,
  newTask,
  newWorkflow,
  taskError,
  taskFilter,
} from "../../../harness/calls/builders.ts";
import { createTempDir } from "../../../harness/temp-dir.ts";
import { startMs } from "../../store-harness.ts";

const text = (value: string) => new TextEncoder().encode(value);
const done = { kind: "completed", result: text("1") } as const;
const broken = { kind: "failed", error: taskError(), terminal: true, retryDelayMs: null, random: 0 } as const;

/** Fills a file, damages it by statements of SQL, and opens it again; answers what the damage was named as. */
async function onDamaged(
  fill: (store: Store) => Promise<void>,
  sql: string,
  act: (store: Store, named: readonly string[]) => Promise<void>,
): Promise<void> {
  await using dir = await createTempDir();
  const path = dir.file("sitq.db");
  const before = await SqliteStore.open({ path });
  await fill(before);
  await before.close();
  const db = new Database(path);
  db.unsafeMode();
  db.pragma("foreign_keys = OFF");
  db.exec(`PRAGMA ignore_check_constraints = ON; ${sql}`);
  db.close();
  const named: string[] = [];
  const onDamages = ({ setAside, leftOut }: { setAside: readonly string[]; leftOut: readonly string[] }) =>
    void named.push(...setAside, ...leftOut);
  const store = await SqliteStore.open({ path, onDamages });
  try {
    await act(store, named);
  } finally {
    await store.close();
  }
}

function claim(store: Store, queue: string) {
  return store.claim({ queue, slots: [{ workerId: "w", n: 10 }], leaseUntilMs: null }, startMs);
}

async function enqueue(store: Store, queue: string): Promise<void> {
  await store.enqueue([newTask({ queue, payload: text("1") })], startMs);
}

describe("a queue", () => {
  it("whose settings cannot be read is paused and keeps all it holds until it is given others, beside those that go on", () =>
    onDamaged(
      async (store) => {
        await enqueue(store, "other");
        await enqueue(store, "mail");
      },
      "UPDATE queue SET settings = '{' WHERE name = 'mail'",
      async (store, named) => {
        expect((await claim(store, "other")).tasks).toHaveLength(1);
        expect(await claim(store, "mail")).toMatchObject({ tasks: [], short: "paused" });
        await enqueue(store, "mail");
        const keep = limits.retentionMs;
        expect(await store.getQueue("mail")).toMatchObject({
          paused: true,
          retention: { completedMs: keep, failedMs: keep, cancelledMs: keep },
          counts: { pending: 2 },
        });
        expect(named).toEqual(["the settings of queue mail, which is paused until it is given others"]);
        await store.updateQueue("mail", { paused: false }, false, startMs);
        expect((await claim(store, "mail")).tasks).toHaveLength(2);
      },
    ));

  it("whose deliveries are not known counts them anew", () =>
    onDamaged(
      async (store) => {
        await store.createSubscription(newSubscription({ name: "s", queue: "mail" }), { kind: "now" }, startMs);
        await store.publish([newEvent({ id: "e-1" }), newEvent({ id: "e-2" })], startMs);
      },
      "UPDATE queue SET deliveries = '[[1,\"' WHERE name = 'mail'",
      async (store) => expect(await store.getSubscription("s")).toMatchObject({ waiting: 2, running: 0, failed: 0 }),
    ));
});

describe("a task", () => {
  it("of a queue that there is not, or in a state that there is not, keeps no other from being read", () =>
    onDamaged(
      async (store) => {
        for (const queue of ["a", "b", "c"]) await enqueue(store, queue);
        await claim(store, "a");
      },
      "UPDATE task SET queue_id = 77 WHERE state = 4; UPDATE task SET state = 11, finish_ms = 1 WHERE queue_id = 2",
      async (store) => {
        expect(await store.leases()).toMatchObject([{ queue: "", attempt: 1 }]);
        const query = { filter: taskFilter({}), cursor: null, limit: 10, full: true, maxBytes: 1e6 };
        const { tasks } = await store.list(query);
        expect(tasks.map(({ queue, state }) => [queue, state]).sort()).toEqual([
          ["", "running"],
          ["b", "failed"],
          ["c", "pending"],
        ]);
      },
    ));

  it("of an older version whose payload is no bytes is set aside, and the next one handed out", () =>
    onDamaged(
      async (store) => {
        await enqueue(store, "mail");
        await enqueue(store, "mail");
      },
      `UPDATE task SET checksum = NULL; PRAGMA writable_schema = ON;
       UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '') WHERE name = 'task'; PRAGMA writable_schema = RESET;
       UPDATE task SET payload = 'text' WHERE id = (SELECT min(id) FROM task)`,
      async (store, named) => {
        expect((await claim(store, "mail")).tasks).toHaveLength(1);
        expect(await store.getQueue("mail")).toMatchObject({ counts: { running: 1, failed: 1 } });
        expect(named).toHaveLength(1);
      },
    ));

  it.each(["looked at", "settled"])(
    "that cannot be written any more is set aside when it is %s, and those beside it go on",
    (how) =>
      onDamaged(
        async (store) => {
          for (const requestId of ["r-1", "r-2"]) await store.enqueue([newTask({ queue: "mail", requestId })], startMs);
        },
        `PRAGMA writable_schema = ON;
       UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '') WHERE name = 'task'; PRAGMA writable_schema = RESET;
       UPDATE task SET request_id = CAST(request_id AS BLOB) WHERE id = (SELECT min(id) FROM task);
       PRAGMA writable_schema = ON;
       UPDATE sqlite_schema SET sql = sql || ' STRICT' WHERE name = 'task'`,
        async (store, named) => {
          const { tasks } = await claim(store, "mail");
          const damaged = tasks.slice(0, -1).map(({ id }) => id);
          if (how === "looked at") {
            expect(await store.getQueue("mail")).toMatchObject({ counts: { pending: 0, running: 1, failed: 1 } });
          }
          const ends = tasks.map((task) => ({ ...leaseOf(task, "stream"), outcome: done }));
          const answers = await store.settle(ends, startMs);
          expect(answers.map(({ status }) => status)).toEqual(["stale", "settled"]);
          expect(await store.getQueue("mail")).toMatchObject({ counts: { pending: 0, completed: 1, failed: 1 } });
          const [answer] = await store.get(damaged);
          expect(answer).toMatchObject({ task: { state: "failed", error: { type: "DATA_LOSS" } } });
          expect(named).toEqual(damaged);
        },
      ),
  );
});

describe("a workflow", () => {
  const steps = [
    newStep("a", { service: "a", compensateWith: "undo-a" }),
    newStep("b", { service: "b" }),
    newStep("c", { service: "c", dependsOn: [1], reads: [1] }),
  ];
  const withoutFirst = "DELETE FROM task WHERE id = (SELECT min(id) + 1 FROM workflow)";
  const lost = { error: { type: "DATA_LOSS" } };

  async function start(store: Store, awaitsExecution = false): Promise<void> {
    await store.startWorkflows([{ ...newWorkflow(steps), ...(awaitsExecution && { awaitsExecution }) }], startMs);
  }

  async function settleAll(store: Store, queue: string, outcome: typeof done | typeof broken): Promise<void> {
    const { tasks } = await claim(store, queue);
    expect(tasks).toHaveLength(1);
    const answers = await store.settle(
      tasks.map((task) => ({ ...leaseOf(task, "stream"), outcome })),
      startMs,
    );
    expect(answers).toMatchObject([{ status: "settled" }]);
  }

  async function onlyWorkflow(store: Store) {
    const filter = { name: null, states: [], correlationId: null, createdAfterMs: null, createdBeforeMs: null };
    const { workflows } = await store.listWorkflows({ filter, cursor: null, limit: 10 });
    const workflow = await store.getWorkflow(workflows[0]?.id ?? "");
    if (workflow === null) throw new Error("The workflow is there.");
    return workflow;
  }

  it("of which a step's task is gone fails when another is completed, and no step is taken for its neighbour", () =>
    onDamaged(
      (store) => start(store),
      withoutFirst,
      async (store) => {
        await settleAll(store, "b", done);
        expect(await onlyWorkflow(store)).toMatchObject({
          state: "failed",
          failure: lost,
          compensation: "failed",
          finishMs: startMs,
          steps: [
            { stepId: "b", task: { state: "completed" } },
            { stepId: "c", task: { state: "cancelled" } },
          ],
        });
      },
    ));

  it("of which a step's task is gone can be cancelled", () =>
    onDamaged(
      (store) => start(store),
      withoutFirst,
      async (store) => {
        const { id } = await onlyWorkflow(store);
        expect(await store.cancelWorkflow(id, taskError("off"), true, startMs)).toMatchObject({ status: "cancelled" });
        expect(await onlyWorkflow(store)).toMatchObject({
          state: "cancelled",
          compensation: "failed",
          finishMs: startMs,
        });
        expect(await store.retryWorkflow(id, startMs)).toMatchObject({ status: "not_retryable" });
      },
    ));

  it("of which a step's task is gone fails when it is executed", () =>
    onDamaged(
      (store) => start(store, true),
      withoutFirst,
      async (store) => {
        const { id } = await onlyWorkflow(store);
        expect(await store.executeWorkflow(id, startMs)).toMatchObject({ status: "executed", isBegun: false });
        expect(await onlyWorkflow(store)).toMatchObject({ state: "failed", failure: lost });
      },
    ));

  it("of which a step's task is gone is not retried", () =>
    onDamaged(
      async (store) => {
        await start(store);
        await settleAll(store, "b", broken);
      },
      withoutFirst,
      async (store) => {
        const { id, compensation } = await onlyWorkflow(store);
        expect(compensation).toBe("none");
        expect(await store.retryWorkflow(id, startMs)).toMatchObject({ status: "not_retryable" });
      },
    ));

  it("sets a step aside that reads the result of one whose task is gone", () =>
    onDamaged(
      async (store) => {
        await start(store);
        await settleAll(store, "b", done);
      },
      "DELETE FROM task WHERE id = (SELECT min(id) + 2 FROM workflow)",
      async (store, named) => {
        expect((await claim(store, "c")).tasks).toEqual([]);
        expect(await onlyWorkflow(store)).toMatchObject({ state: "failed", failure: { stepId: "c", ...lost } });
        expect(named).toHaveLength(1);
      },
    ));

  it("never compensates a step with parameters that are damaged", () =>
    onDamaged(
      async (store) => {
        await start(store);
        await settleAll(store, "a", done);
      },
      "UPDATE task SET payload = x'00' WHERE id = (SELECT min(id) + 1 FROM workflow)",
      async (store) => {
        await settleAll(store, "b", broken);
        expect((await claim(store, "a")).tasks).toEqual([]);
        expect(await onlyWorkflow(store)).toMatchObject({ state: "failed", compensation: "failed", finishMs: startMs });
      },
    ));

  it("of an older version whose plan cannot be read keeps no other from being handed out", () =>
    onDamaged(
      async (store) => {
        await start(store);
        await enqueue(store, "a");
      },
      "UPDATE workflow SET plan = '[', plan_checksum = NULL",
      async (store) => {
        expect((await claim(store, "a")).tasks).toMatchObject([{ origin: null }]);
        expect(await onlyWorkflow(store)).toMatchObject({ state: "failed", damagedFields: ["steps"] });
      },
    ));
});
