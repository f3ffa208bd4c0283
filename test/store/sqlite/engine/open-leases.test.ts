import { existsSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { createEngine } from "../../../../src/store/sqlite/engine/engine.ts";
import type { Verbs } from "../../../../src/store/sqlite/engine/verb.ts";
import { openDatabase } from "../../../../src/store/sqlite/file/database.ts";
import { createGroupCommit } from "../../../../src/store/sqlite/thread/group-commit.ts";
import { packArgs } from "../../../../src/store/sqlite/thread/packed-verbs.ts";
import { createVerbs } from "../../../../src/store/sqlite/thread/verbs.ts";
import { newStep, newTask, newWorkflow, taskError } from "../../../harness/calls/builders.ts";
import { createTempDir } from "../../../harness/temp-dir.ts";
import { completed, failed, released } from "../../outcomes.ts";

const queue = "orders";
const nowMs = Date.UTC(2026, 6, 1);

type Calls = readonly { readonly [Name in keyof Verbs]?: Parameters<Verbs[Name]> }[];

/** An engine without its thread: nothing is written by itself. */
async function openEngine() {
  const dir = await createTempDir();
  const open = (path: string) => {
    const { db } = openDatabase(path, "full");
    const engine = createEngine(db, 1_000);
    const verbs = createVerbs(engine);
    const failing = { ...verbs, newestMs: () => expect.unreachable("a bug") };
    return { path, db, engine, ...createGroupCommit(engine, failing as never) };
  };
  let now = open(dir.file("sitq.db"));
  const run = (...calls: Calls) =>
    now.settle(
      calls.map((call, id) => ({ id, verb: Object.keys(call)[0] as never, args: Object.values(call)[0] ?? [] })),
    );
  const call = <Name extends keyof Verbs>(verb: Name, ...args: Parameters<Verbs[Name]>): ReturnType<Verbs[Name]> => {
    const [answer] = now.settle([{ id: 1, verb, args }]);
    if (answer === undefined || !("value" in answer)) throw new Error(JSON.stringify(answer));
    return answer.value as ReturnType<Verbs[Name]>;
  };
  return {
    run,
    call,
    claimFirst: (...calls: Parameters<typeof now.claimFirst>[0]) => now.claimFirst(calls),
    leases: () => now.engine.leases,
    writeOld: () => now.writeLeases(now.engine.leases.old()),
    enqueue: (...tasks: Partial<Parameters<typeof newTask>[0]>[]) =>
      call(
        "enqueue",
        tasks.map((task) => newTask({ queue, ...task })),
        nowMs,
      ).map((answer) => {
        if (answer.status !== "created") throw new Error(answer.status);
        return answer.task.id;
      }),
    claim: (workerId: string, n: number, types?: readonly string[]) =>
      call("claim", { queue, slots: [{ workerId, n }], leaseUntilMs: null, ...(types && { types }) }, nowMs).tasks,
    settle: (taskId: string, attempt: number, workerId: string, outcome = completed(null)) =>
      call("settle", [{ taskId, attempt, workerId, leaseKind: "stream", outcome }], nowMs)[0]?.status,
    /** The rows as a crash would leave them. */
    onDisk: () =>
      now.db
        .prepare<[], { state: number; attempt: number; worker_id: string | null }>(
          "SELECT state, attempt, worker_id FROM task ORDER BY id",
        )
        .all(),
    countsOnDisk: () => now.db.prepare("SELECT pending, running, completed FROM queue").get(),
    async crash() {
      const left = dir.file("left.db");
      for (const suffix of ["", "-wal"])
        if (existsSync(now.path + suffix)) await copyFile(now.path + suffix, left + suffix);
      now.db.close();
      now = open(left);
    },
    async [Symbol.asyncDispose]() {
      now.db.close();
      await dir.remove();
    },
  };
}

const pending = { state: 3, attempt: 0, worker_id: null };
const running = { state: 4, attempt: 1, worker_id: "a" };
const done = { state: 5, attempt: 1, worker_id: "a" };

it("writes the lease of a task that ends soon together with its end", async () => {
  await using store = await openEngine();
  const [first = "", second = ""] = store.enqueue({}, {});
  expect(store.claim("a", 2)).toMatchObject([{ attempt: 1 }, { attempt: 1 }]);
  expect(store.onDisk()).toEqual([pending, pending]);
  expect(store.settle(first, 1, "a")).toBe("settled");
  expect(store.onDisk()).toEqual([done, pending]);
  expect(store.countsOnDisk()).toEqual({ pending: 1, running: 0, completed: 1 });
  expect(store.settle(second, 1, "a", completed("with a result"))).toBe("settled");
  expect(store.countsOnDisk()).toEqual({ pending: 0, running: 0, completed: 2 });
  expect(store.call("get", [first])[0]?.attempts).toMatchObject([{ attempt: 1, workerId: "a", startMs: nowMs }]);
});

it("completes many at once, those that are written and those that are not", async () => {
  await using store = await openEngine();
  const ids = store.enqueue({}, {}, {}, {});
  store.claim("a", 2);
  store.leases().old();
  store.writeOld();
  store.claim("a", 2);
  expect(store.onDisk()).toEqual([running, running, pending, pending]);
  const settlements = [...ids, ids[3] ?? ""].map((taskId) => {
    return { taskId, attempt: 1, workerId: "a", leaseKind: "stream" as const, outcome: completed(null) };
  });
  expect(store.call("settle", settlements, nowMs).map(({ status }) => status)).toEqual(Array(5).fill("settled"));
  expect(store.onDisk()).toEqual([done, done, done, done]);
  expect(store.countsOnDisk()).toEqual({ pending: 0, running: 0, completed: 4 });
});

it("takes nothing from another worker, of another attempt or kind", async () => {
  await using store = await openEngine();
  const [id = ""] = store.enqueue({});
  store.claim("a", 1);
  expect([store.settle(id, 1, "b"), store.settle(id, 2, "a")]).toEqual(["stale", "stale"]);
  expect(store.settle(id, 1, "a")).toBe("settled");
});

it("hands nothing out twice, whatever becomes ready before what is handed out", async () => {
  await using store = await openEngine();
  const [first = "", ...others] = store.enqueue({}, {}, {}, {});
  expect(store.claim("a", 2).map(({ id }) => id)).toEqual([first, others[0]]);
  const [urgent] = store.enqueue({ priority: 5 });
  expect(store.claim("a", 1).map(({ id }) => id)).toEqual([urgent]);
  expect(store.settle(first, 1, "a", failed({ retryDelayMs: 0 }))).toBe("settled");
  expect(store.claim("a", 9).map(({ id, attempt }) => [id, attempt])).toEqual([
    [first, 2],
    [others[1], 1],
    [others[2], 1],
  ]);
  expect(store.claim("a", 9)).toEqual([]);
});

it("hands out what stands behind a task that came back, and not what is handed out there", async () => {
  await using store = await openEngine();
  const ids = store.enqueue({}, {}, {}, {});
  store.claim("a", 1);
  store.claim("b", 2);
  store.settle(ids[0] ?? "", 1, "a", released());
  expect([1, 2, 3].flatMap(() => store.claim("c", 1).map(({ id }) => id))).toEqual([ids[0], ids[3]]);
  expect([ids[1], ids[2]].map((id = "") => store.settle(id, 1, "b"))).toEqual(["settled", "settled"]);
});

it("hands out all that became due at one moment", async () => {
  await using store = await openEngine();
  const ids = store.enqueue({}, {}, {});
  store.claim("a", 3);
  for (const id of ids) store.settle(id, 1, "a", failed({ retryDelayMs: 5 }));
  store.call("advance", nowMs + 5);
  expect([1, 2, 3].flatMap(() => store.claim("a", 1).map(({ id }) => id))).toEqual(ids);
});

it("passes over tasks of other types, and leaves them to those who take them", async () => {
  await using store = await openEngine();
  const ids = store.enqueue({ type: "x" }, { type: "y" }, { type: "x" }, { type: "x" });
  expect(store.claim("a", 1, ["x"]).map(({ id }) => id)).toEqual([ids[0]]);
  expect(store.claim("a", 1, ["x"]).map(({ id }) => id)).toEqual([ids[2]]);
  expect(store.claim("a", 2, ["x"]).map(({ id }) => id)).toEqual([ids[3]]);
  expect(store.call("getQueue", queue)?.passedOver).toEqual([{ type: "y", count: 1 }]);
  expect(store.claim("b", 2, ["y"]).map(({ id }) => id)).toEqual([ids[1]]);
});

it("counts what is not written towards max_running", async () => {
  await using store = await openEngine();
  store.enqueue({}, {}, {});
  store.call("updateQueue", queue, { maxRunning: 2 }, true, nowMs);
  expect(store.claim("a", 1)).toHaveLength(1);
  expect(store.claim("a", 2)).toHaveLength(1);
  expect(store.claim("a", 2)).toHaveLength(0);
});

it("shows each lease to whoever looks", async () => {
  await using store = await openEngine();
  const [id = ""] = store.enqueue({ deduplicationKey: "k" });
  store.claim("a", 1);
  const [again] = store.call("enqueue", [newTask({ queue, deduplicationKey: "k", duplicatePolicy: "replace" })], nowMs);
  expect(again).toEqual({ status: "duplicate", id, state: "running" });
  expect(store.onDisk()).toEqual([running]);
  store.enqueue({});
  store.claim("a", 1);
  expect(store.call("getQueue", queue)?.counts).toMatchObject({ pending: 0, running: 2 });
  expect(store.call("cancel", [id], taskError(), nowMs)).toMatchObject([{ lease: { attempt: 1, workerId: "a" } }]);
});

it("writes what was open at the last look", async () => {
  await using store = await openEngine();
  store.enqueue({}, {});
  store.claim("a", 1);
  store.writeOld();
  store.claim("a", 1);
  expect(store.onDisk()).toEqual([pending, pending]);
  store.writeOld();
  expect(store.onDisk()).toEqual([running, pending]);
  expect(store.countsOnDisk()).toEqual({ pending: 1, running: 1, completed: 0 });
  store.writeOld();
  expect(store.onDisk()).toEqual([running, running]);
});

it("forgets no lease and hands nothing out where a transaction is undone", async () => {
  await using store = await openEngine();
  const [first = "", second = "", third = ""] = store.enqueue({}, {}, {});
  store.claim("a", 2);
  const claim = { queue, slots: [{ workerId: "a", n: 1 }], leaseUntilMs: null };
  const end = { taskId: first, attempt: 1, workerId: "a", leaseKind: "stream", outcome: completed(null) } as const;
  // The whole batch is undone, and each call runs again alone.
  const answers = store.run(
    { settle: [[end], nowMs] },
    { claim: [claim, nowMs] },
    { newestMs: [] },
    { get: [[second]] },
  );
  expect(answers).toMatchObject([
    { value: [{ status: "settled" }] },
    { value: { tasks: [{ id: third, attempt: 1 }] } },
    { error: "bug" },
    { value: [{ task: { state: "running", attempt: 1 } }] },
  ]);
  expect(store.onDisk()).toEqual([done, running, running]);
  expect(store.countsOnDisk()).toEqual({ pending: 0, running: 2, completed: 1 });
});

it("answers a claim before its batch is committed, from what was committed before, if that is enough", async () => {
  await using store = await openEngine();
  const [first = ""] = store.enqueue({}, {});
  const claim = (n: number) => [{ queue, slots: [{ workerId: "a", n }], leaseUntilMs: null }, nowMs];
  const enqueue = [[newTask({ queue })], nowMs];
  const { answers, left } = store.claimFirst(
    { id: 1, verb: "enqueue", args: packArgs("enqueue", enqueue) },
    { id: 2, verb: "claim", args: claim(1) },
    { id: 3, verb: "claim", args: claim(2) },
    { id: 4, verb: "updateQueue", args: [queue, { paused: true }, true, nowMs] },
    { id: 5, verb: "claim", args: claim(1) },
  );
  expect(answers.map(({ id }) => id)).toEqual([2]);
  expect(left.map(({ id }) => id)).toEqual([1, 3, 4, 5]);
  expect(store.onDisk()).toEqual([pending, pending]);
  expect(store.settle(first, 1, "a")).toBe("settled");
});

it("keeps what a claim handed out before its batch where the batch is undone, and hands it out once", async () => {
  await using store = await openEngine();
  const [first = "", second = ""] = store.enqueue({}, {});
  const claim = [{ queue, slots: [{ workerId: "a", n: 1 }], leaseUntilMs: null }, nowMs];
  const { answers } = store.claimFirst({ id: 1, verb: "claim", args: claim });
  expect(answers).toMatchObject([{ value: { tasks: [{ id: first }] } }]);
  expect(store.run({ newestMs: [] }, { enqueue: [[newTask({ queue })], nowMs, false] })).toMatchObject([
    { error: "bug" },
    { value: [{ status: "created" }] },
  ]);
  expect(store.claim("b", 1).map(({ id }) => id)).toEqual([second]);
  expect(store.settle(first, 1, "a")).toBe("settled");
  expect(store.countsOnDisk()).toEqual({ pending: 2, running: 0, completed: 1 });
});

it("lets no claim go before what may bring a task back", async () => {
  await using store = await openEngine();
  const [first = ""] = store.enqueue({}, {});
  store.claim("a", 1);
  const end = { taskId: first, attempt: 1, workerId: "a", leaseKind: "stream", outcome: released() };
  const { answers } = store.claimFirst(
    { id: 1, verb: "settle", args: packArgs("settle", [[end], nowMs]) },
    { id: 2, verb: "claim", args: [{ queue, slots: [{ workerId: "a", n: 1 }], leaseUntilMs: null }, nowMs] },
  );
  expect(answers).toEqual([]);
});

it("forgets in a crash what was not written; the next worker has the attempt, and the first is stale", async () => {
  await using store = await openEngine();
  const [id = ""] = store.enqueue({});
  expect(store.claim("a", 1)).toMatchObject([{ id, attempt: 1 }]);
  await store.crash();
  expect(store.onDisk()).toEqual([pending]);
  expect(store.settle(id, 1, "a")).toBe("stale");
  expect(store.claim("b", 1)).toMatchObject([{ id, attempt: 1 }]);
  const lease = { taskId: id, attempt: 1, workerId: "a", leaseKind: "stream" } as const;
  expect(store.call("takeUp", [lease], nowMs)).toEqual([]);
  expect(store.settle(id, 1, "a")).toBe("stale");
  expect(store.settle(id, 1, "b")).toBe("settled");
});

it("believes a worker that comes back, if nobody has the task", async () => {
  await using store = await openEngine();
  const [id = "", other = ""] = store.enqueue({}, {});
  store.claim("a", 1);
  await store.crash();
  const lease = { taskId: id, attempt: 1, workerId: "a", leaseKind: "stream" } as const;
  const taken = store.call("takeUp", [lease, { ...lease, attempt: 2 }, { ...lease, taskId: "no id" }], nowMs);
  expect(taken).toMatchObject([{ ...lease, queue, startMs: nowMs, leaseUntilMs: null }]);
  expect(store.onDisk()).toEqual([running, pending]);
  expect(store.claim("b", 2).map(({ id }) => id)).toEqual([other]);
  expect(store.settle(id, 1, "a")).toBe("settled");
  expect(store.call("takeUp", [lease, { ...lease, attempt: 2 }], nowMs)).toEqual([]);
});

it("writes the lease of a step together with its end, begins its workflow and releases the next one", async () => {
  await using store = await openEngine();
  const [started] = store.call(
    "startWorkflows",
    [newWorkflow([newStep("pay"), newStep("ship", { dependsOn: [0] })])],
    nowMs,
  );
  if (started?.status !== "created") throw new Error(started?.status);
  const [pay] = store.claim("a", 2);
  expect(store.onDisk()).toMatchObject([pending, { state: 1 }]);
  expect(store.settle(pay?.id ?? "", 1, "a")).toBe("settled");
  expect(store.onDisk()).toEqual([done, pending]);
  const [ship] = store.claim("a", 2);
  expect(store.onDisk()).toEqual([done, pending]);
  expect(store.settle(ship?.id ?? "", 1, "a", completed("a parcel"))).toBe("settled");
  expect(store.call("getWorkflow", started.workflow.id)).toMatchObject({ state: "completed", startMs: nowMs });
});

it("lets the steps of a workflow that run go on where another one fails, though their leases are not written", async () => {
  await using store = await openEngine();
  const steps = [newStep("pay"), newStep("pack", { compensateWith: "unpack" }), newStep("ship", { dependsOn: [0, 1] })];
  const [started] = store.call("startWorkflows", [newWorkflow(steps)], nowMs);
  if (started?.status !== "created") throw new Error(started?.status);
  const [pay, pack] = store.claim("a", 2);
  expect(store.settle(pay?.id ?? "", 1, "a", failed())).toBe("settled");
  expect(store.onDisk()).toMatchObject([{ state: 6 }, running, { state: 7 }]);
  expect(store.settle(pack?.id ?? "", 1, "a")).toBe("settled");
  const [unpack] = store.claim("a", 2);
  expect(unpack?.type).toBe("unpack");
  expect(store.settle(unpack?.id ?? "", 1, "a")).toBe("settled");
  expect(store.call("getWorkflow", started.workflow.id)).toMatchObject({ state: "failed", compensation: "completed" });
});

it("answers a workflow that is there already with its steps that were handed out", async () => {
  await using store = await openEngine();
  const workflow = newWorkflow([newStep("pay")], { requestId: "order-7" });
  store.call("startWorkflows", [workflow], nowMs);
  store.claim("a", 1);
  const [again] = store.call("startWorkflows", [workflow], nowMs);
  expect(again).toMatchObject({
    status: "existing",
    workflow: { state: "running", steps: [{ task: { state: "running" } }] },
  });
});
