import fc from "fast-check";
import { describe, expect } from "vitest";
import { defaultQueueSettings } from "../../../../src/domain/tasks/queue.ts";
import type { NewTask } from "../../../../src/domain/tasks/task.ts";
import { newTask, taskError } from "../../../harness/calls/builders.ts";
import { createdIds } from "../../answers.ts";
import { bytes, text } from "../../outcomes.ts";
import { listIds } from "../../read-all.ts";
import { defaultWorker, type StoreTest, startMs } from "../../store-harness.ts";

const hourMs = 3_600_000;

const orNull = <T>(values: fc.Arbitrary<T>) => fc.option(values, { freq: 1 });
/** Tasks that share some of what they say, differ in some, and do not say some. */
const mixedTasks = fc
  .record({
    shared: fc.record({ queue: fc.constant("a"), type: fc.constant("t"), sourceService: orNull(fc.constant("s\0")) }),
    tasks: fc.array(
      fc.record(
        {
          queue: fc.constantFrom("a", "b"),
          type: fc.constantFrom("t", "u"),
          priority: fc.integer({ min: 0, max: 2 }),
          sourceService: orNull(fc.constantFrom("s", "r\0")),
          correlationId: orNull(fc.constantFrom("c", "")),
          headers: orNull(fc.constant('{"h":"1"}')),
          payload: orNull(fc.constantFrom(bytes("p"), bytes(""))),
          maxAttempts: orNull(fc.integer({ min: 1, max: 9 })),
        },
        { requiredKeys: [] },
      ),
      { minLength: 1, maxLength: 5 },
    ),
  })
  .map(({ shared, tasks }) => tasks.map((task): Partial<NewTask> => ({ ...shared, ...task })));

/** What a stored task is, before anything happens to it. */
export function describeEnqueue(test: StoreTest): void {
  describe("enqueue", () => {
    test("stores tasks that share some of what they say and differ in some each as it was asked for", async (harness) => {
      let requests = 0;
      await fc.assert(
        fc.asyncProperty(mixedTasks, fc.boolean(), async (mixed, haveRequestIds) => {
          const asked = mixed.map((task) => newTask({ ...task, requestId: haveRequestIds ? `${++requests}` : null }));
          const ids = createdIds(await harness.store.enqueue(asked, harness.now));
          for (const [index, id] of ids.entries()) {
            const { queue, type, priority, sourceService, correlationId, headers, requestId } = asked[index] as NewTask;
            const { task } = await harness.read(id);
            expect(task).toMatchObject({ queue, type, priority, sourceService, correlationId, requestId });
            expect([task.headers, task.payload]).toEqual([headers, asked[index]?.payload]);
            expect(task.maxAttempts).toBe(asked[index]?.maxAttempts ?? 5);
          }
        }),
        { numRuns: 60 },
      );
    });

    test("stores a task as it was asked for, with the defaults filled in", async (harness) => {
      const id = await harness.enqueue();
      expect(await harness.read(id)).toEqual({
        task: {
          id,
          queue: "orders",
          type: "order.ship",
          payload: null,
          headers: null,
          priority: 0,
          state: "pending",
          scheduleMs: null,
          expireMs: null,
          attempt: 0,
          attemptBase: 0,
          maxAttempts: 5,
          retryPolicy: { initialBackoffMs: 1_000, maxBackoffMs: 600_000, multiplier: 2, jitter: 0.2 },
          attemptTimeoutMs: null,
          correlationId: null,
          sourceService: null,
          deduplicationKey: null,
          requestId: null,
          workerId: null,
          result: null,
          error: null,
          progress: null,
          origin: null,
          event: null,
          createMs: startMs,
          startMs: null,
          finishMs: null,
        },
        attempts: [],
      });
    });

    test("stores everything that a producer says", async (harness) => {
      const said = newTask({
        payload: bytes("payload"),
        headers: '{"traceparent":"00-ab-cd-01"}',
        priority: -7,
        scheduleMs: startMs + hourMs,
        expireMs: startMs + 2 * hourMs,
        maxAttempts: 9,
        retryPolicy: { initialBackoffMs: 5, maxBackoffMs: 50, multiplier: 3, jitter: 0 },
        attemptTimeoutMs: 60_000,
        correlationId: "order-17",
        sourceService: "shop",
        deduplicationKey: "ship-17",
        requestId: "0b9e",
      });
      const task = await harness.task(await harness.enqueue(said));
      const { payload, delayMs: _, timeToLiveMs: __, duplicatePolicy: ___, dispatch: ____, ...rest } = said;
      expect(text(task.payload)).toBe("payload");
      expect(task).toMatchObject({ ...rest, headers: { traceparent: "00-ab-cd-01" }, state: "scheduled" });
      expect(payload && text(payload), "the caller's bytes are still the caller's").toBe("payload");
    });

    const single: readonly Partial<NewTask>[] = [
      { payload: bytes("payload") },
      { headers: '{"traceparent":"00-ab-cd-01"}' },
      { headers: '{"tenant":"acme"}', correlationId: "order-17", requestId: "0b9f" },
      { priority: -7 },
      { scheduleMs: startMs + hourMs },
      { expireMs: startMs + 2 * hourMs },
      { maxAttempts: 9 },
      { retryPolicy: { initialBackoffMs: 5, maxBackoffMs: 50, multiplier: 3, jitter: 0 } },
      { attemptTimeoutMs: 60_000 },
      { correlationId: "order-17" },
      { sourceService: "shop" },
      { deduplicationKey: "ship-17" },
      { requestId: "0b9e" },
    ];
    for (const said of single) {
      test(`stores of a task that has nothing else: ${Object.keys(said)}`, async (harness) => {
        const { payload, headers, ...rest } = said;
        const task = await harness.task(await harness.enqueue(newTask(said)));
        expect(task).toMatchObject({ ...rest, headers: headers ? JSON.parse(headers) : null });
        expect(task.payload && text(task.payload)).toBe(payload ? "payload" : null);
      });
    }

    test("answers what it added, spans turned into times", async (harness) => {
      const [answer] = await harness.enqueueAll([{ delayMs: 1_000, timeToLiveMs: 5_000, maxAttempts: 2 }]);
      expect(answer).toEqual({
        status: "created",
        task: {
          id: expect.any(String),
          state: "scheduled",
          maxAttempts: 2,
          scheduleMs: startMs + 1_000,
          expireMs: startMs + 5_000,
          createMs: startMs,
        },
      });
      const [id = ""] = createdIds([answer]);
      expect(await harness.task(id)).toMatchObject({ scheduleMs: startMs + 1_000, expireMs: startMs + 5_000 });
    });

    test("makes the queue that is missing, with default settings", async (harness) => {
      expect(await harness.store.getQueue("orders")).toBeNull();
      await harness.enqueue();
      expect(await harness.store.getQueue("orders")).toEqual({
        ...defaultQueueSettings,
        name: "orders",
        counts: { blocked: 0, scheduled: 0, pending: 1, running: 0, completed: 0, failed: 0, cancelled: 0 },
        nextPendingMs: startMs,
        passedOver: [],
        createMs: startMs,
        updateMs: startMs,
        settingChanges: [],
      });
    });

    test("fills what a task does not say from its queue, the retry policy field by field", async (harness) => {
      await harness.store.updateQueue(
        "orders",
        { maxAttempts: 3, attemptTimeoutMs: 7_000, retryPolicy: { initialBackoffMs: 10, multiplier: 4 } },
        true,
        harness.now,
      );
      const [answer] = await harness.enqueueAll([{ retryPolicy: { multiplier: 1 } }]);
      expect(answer).toMatchObject({ status: "created", task: { maxAttempts: 3 } });
      const [id = ""] = createdIds([answer]);
      expect(await harness.task(id)).toMatchObject({
        maxAttempts: 3,
        attemptTimeoutMs: 7_000,
        retryPolicy: { initialBackoffMs: 10, maxBackoffMs: 600_000, multiplier: 1, jitter: 0.2 },
      });
      expect(await harness.claimOne()).toMatchObject({ maxAttempts: 3, attemptTimeoutMs: 7_000 });
    });

    test("gives out ids that are unique and sort by creation", async (harness) => {
      const ids: string[] = [];
      for (let round = 0; round < 3; round++) {
        ids.push(...createdIds(await harness.enqueueAll(Array.from({ length: 200 }, () => ({})))));
        harness.tick(round);
      }
      expect(new Set(ids).size).toBe(600);
      expect(ids.toSorted()).toEqual(ids);
    });

    test("gives out ids that sort by creation when the clock goes back", async (harness) => {
      const first = await harness.enqueue();
      harness.tick(-24 * hourMs);
      const second = await harness.enqueue();
      await harness.reopen();
      const third = await harness.enqueue();
      expect([first, second, third].toSorted()).toEqual([first, second, third]);
      expect(new Set([first, second, third]).size).toBe(3);
    });

    test("never gives out an id twice, though the newest task was deleted", async (harness) => {
      const first = await harness.enqueue();
      await harness.store.delete([first], harness.now);
      await harness.reopen();
      const second = await harness.enqueue();
      expect(second > first, `${second} after ${first}`).toBe(true);
    });

    test("lets a task wait that asks for a later time, and no other", async (harness) => {
      const answers = await harness.enqueueAll([
        { scheduleMs: startMs + 1 },
        { scheduleMs: startMs },
        { scheduleMs: startMs - hourMs },
        { delayMs: 1 },
        { delayMs: 0 },
      ]);
      expect(answers.map((answer) => (answer.status === "created" ? answer.task.state : answer.status))).toEqual([
        "scheduled",
        "pending",
        "pending",
        "scheduled",
        "pending",
      ]);
      expect((await harness.store.getQueue("orders"))?.counts).toMatchObject({ scheduled: 2, pending: 3 });
    });

    test("answers each task of a mixed batch, in order", async (harness) => {
      await harness.store.updateQueue("small", { maxDepth: 1 }, true, harness.now);
      const [sameId = "", reusedId = "", keyId = ""] = createdIds(
        await harness.enqueueAll([{ requestId: "same" }, { requestId: "reused" }, { deduplicationKey: "key" }]),
      );
      const answers = await harness.enqueueAll([
        { queue: "small" },
        { requestId: "same" },
        { queue: "small" },
        { requestId: "reused", priority: 1 },
        { deduplicationKey: "key", duplicatePolicy: "refuse" },
        { deduplicationKey: "key" },
        { queue: "other" },
      ]);
      expect(answers).toMatchObject([
        { status: "created" },
        { status: "existing", task: { id: sameId } },
        { status: "queue_full", depth: 1 },
        { status: "request_id_reused", id: reusedId },
        { status: "duplicate", id: keyId, state: "pending" },
        { status: "existing", task: { id: keyId } },
        { status: "created" },
      ]);
      expect(await listIds(harness.store)).toHaveLength(5);
    });

    test("of an atomic batch stores all, or changes nothing and answers why", async (harness) => {
      await harness.store.updateQueue("small", { maxDepth: 2 }, true, harness.now);
      const [sameId = "", reusedId = "", keyId = ""] = createdIds(
        await harness.enqueueAll([{ requestId: "same" }, { requestId: "reused" }, { deduplicationKey: "key" }]),
      );
      const before = await listIds(harness.store);
      const atomic = (...tasks: Partial<NewTask>[]) => harness.store.enqueue(tasks.map(newTask), harness.now, true);
      const replaces = { deduplicationKey: "key", duplicatePolicy: "replace" } as const;

      expect(
        await atomic(
          { queue: "new" },
          { queue: "small" },
          { requestId: "same" },
          { queue: "small" },
          { queue: "small" },
          { requestId: "reused", priority: 1 },
          replaces,
        ),
      ).toEqual([
        { status: "batch_refused" },
        { status: "batch_refused" },
        { status: "batch_refused" },
        { status: "batch_refused" },
        { status: "queue_full", depth: 2 },
        { status: "request_id_reused", id: reusedId },
        { status: "batch_refused" },
      ]);
      expect(await listIds(harness.store)).toEqual(before);
      expect((await harness.store.listQueues(null, 10)).map(({ name }) => name)).not.toContain("new");

      expect(await atomic({ queue: "small" }, { requestId: "same" }, { queue: "small" }, replaces)).toMatchObject([
        { status: "created" },
        { status: "existing", task: { id: sameId } },
        { status: "created" },
        { status: "created" },
      ]);
      const [replaced] = await harness.store.get([keyId]);
      expect(replaced?.task.state).toBe("cancelled");
    });

    test("does nothing for an empty batch", async (harness) => {
      expect(await harness.enqueueAll([])).toEqual([]);
      expect(await listIds(harness.store)).toEqual([]);
    });

    test("keeps payload and headers byte for byte, up to the worker", async (harness) => {
      const everyByte = Uint8Array.from({ length: 256 }, (_, value) => value);
      const large = new Uint8Array(1_048_576).map((_, index) => index * 31);
      // A view into a larger buffer, as messages from the network are.
      const view = bytes("before|the content|after").subarray(7, 18);
      const entries = { "": "empty key", "a b": "", täst: "ünïcödé 🦊", nul: "a\0b", quote: `'"\\;--` };
      const headers = JSON.stringify(entries);
      const payloads = [everyByte, large, view];
      const ids = createdIds(await harness.enqueueAll(payloads.map((payload) => ({ payload, headers }))));
      const { tasks } = await harness.claim(3, { workerId: defaultWorker });
      for (const [index, id] of ids.entries()) {
        const [stored, claimed] = [await harness.task(id), tasks[index]];
        for (const content of [stored.payload, claimed?.payload ?? null]) {
          expect(content !== null && Buffer.compare(content, payloads[index] ?? bytes("missing"))).toBe(0);
        }
        expect(stored.headers).toEqual(entries);
        expect(claimed?.headers).toEqual(headers);
      }
    });

    test("keeps of many tasks at once to each its own, with headers or without", async (harness) => {
      const said = Array.from({ length: 150 }, (_, n) => ({
        payload: bytes(`payload ${n}`),
        headers: n % 3 === 0 ? null : `{"traceparent":"00-${n}"}`,
        sourceService: n % 7 === 0 ? "shop" : null,
        requestId: `r-${n}`,
      }));
      const ids = createdIds(await harness.enqueueAll(said));
      const repeats = await harness.enqueueAll(said);
      expect(repeats).toMatchObject(ids.map((id) => ({ status: "existing", task: { id } })));
      const { tasks } = await harness.claim(150, { workerId: defaultWorker });
      expect(tasks.map(({ id }) => id)).toEqual(ids);
      for (const [index, { payload, headers, sourceService }] of tasks.entries()) {
        const { requestId: _, ...content } = said[index] ?? expect.unreachable("another task");
        expect({ payload: payload && text(payload), headers, sourceService }).toEqual({
          ...content,
          payload: text(content.payload),
        });
      }
    });

    test("keeps hostile text as it is, and finds by it what it means and nothing else", async (harness) => {
      const hostile = [
        "'; DROP TABLE task; --",
        '" OR 1=1 --',
        "a\0b",
        "%",
        "_",
        "\\",
        "?1",
        "@key",
        "🦊\u202e\ufeff",
        "Ä",
      ];
      for (const [index, name] of hostile.entries()) {
        await harness.enqueue({
          queue: name,
          type: name,
          correlationId: name,
          sourceService: name,
          deduplicationKey: name,
        });
        const id = await harness.enqueue({
          queue: name,
          type: "plain",
          requestId: `${name}${index}`,
          correlationId: "plain",
        });
        const [byType, byCorrelation] = [
          await listIds(harness.store, { type: name }),
          await listIds(harness.store, { correlationId: name }),
        ];
        expect(byType, name).toHaveLength(1);
        expect(byCorrelation, name).toEqual(byType);
        expect(await listIds(harness.store, { queue: name })).toEqual([id, ...byType]);
        const task = await harness.claimOne({ queue: name, workerId: name });
        expect(task).toMatchObject({ queue: name, type: name, correlationId: name, workerId: name });
        await harness.settle(task, {
          kind: "failed",
          error: taskError(name),
          terminal: true,
          retryDelayMs: null,
          random: 0,
        });
        expect((await harness.task(task.id)).error).toEqual(taskError(name));
        expect(await harness.store.get([name])).toEqual([null]);
      }
      expect((await harness.store.listQueues(null, 100)).map(({ name }) => name).toSorted()).toEqual(
        hostile.toSorted(),
      );
    });
  });
}
