import { describe, expect } from "vitest";
import type { NewTask } from "../../../../src/domain/tasks/task.ts";
import { createdIds } from "../../answers.ts";
import { bytes } from "../../outcomes.ts";
import { listIds } from "../../read-all.ts";
import { reachableStates, type StoreTest } from "../../store-harness.ts";

const requestId = "8f14e45f";

/** A change to each part of a task's content. */
const otherContent: readonly Partial<NewTask>[] = [
  { queue: "returns" },
  { type: "order.bill" },
  { payload: bytes("other") },
  { payload: null },
  { headers: '{"b":"2"}' },
  { headers: null },
  { priority: 1 },
  { scheduleMs: Date.UTC(2027, 0) },
  { delayMs: 60_000 },
  { expireMs: Date.UTC(2027, 0) },
  { timeToLiveMs: 60_000 },
  { maxAttempts: 7 },
  { retryPolicy: { jitter: 0.5 } },
  { attemptTimeoutMs: 5_000 },
  { correlationId: "other" },
  { sourceService: "other" },
  { deduplicationKey: "other" },
];

/** What makes an enqueue safe to repeat. */
export function describeIdempotency(test: StoreTest): void {
  describe("request_id", () => {
    test("answers a repeat with the same content by the same task, and changes nothing", async (harness) => {
      const task = {
        requestId,
        payload: bytes("a"),
        headers: '{"a":"1"}',
        delayMs: 1_000,
        timeToLiveMs: 90_000,
        retryPolicy: { jitter: 0 },
      };
      const id = await harness.enqueue(task);
      const before = await harness.read(id);
      harness.tick(10);
      expect(await harness.enqueueAll([task])).toMatchObject([
        { status: "existing", task: { id, state: "scheduled" } },
      ]);
      expect(await harness.read(id)).toEqual(before);
      expect(await listIds(harness.store)).toEqual([id]);
    });

    test("answers a repeat that is part of another trace by the first one", async (harness) => {
      const headers = (traceparent: string) => JSON.stringify({ a: "1", traceparent });
      const id = await harness.enqueue({ requestId, headers: headers("00-ab") });
      const repeats = ['{"a":"1"}', headers("00-cd")].map((each) => ({ requestId, headers: each }));
      expect(await harness.enqueueAll(repeats)).toMatchObject(
        repeats.map(() => ({ status: "existing", task: { id } })),
      );
      expect((await harness.read(id)).task.headers).toEqual({ a: "1", traceparent: "00-ab" });
    });

    test("answers a repeat within the same call", async (harness) => {
      const answers = await harness.enqueueAll([{ requestId }, { requestId }, { requestId, priority: 3 }]);
      const [id] = createdIds(answers.slice(0, 1));
      expect(answers.slice(1)).toMatchObject([
        { status: "existing", task: { id } },
        { status: "request_id_reused", id },
      ]);
      expect(await listIds(harness.store)).toEqual([id]);
    });

    test("answers a repeat in whatever state the task is", async (harness) => {
      // Backwards, so that no task waits while another one is claimed.
      for (const state of reachableStates.toReversed()) {
        const id = await harness.taskIn(state, { requestId: state });
        const repeat = { requestId: state, delayMs: state === "scheduled" ? 3_600_000 : null };
        const before = await harness.read(id);
        harness.tick(10);
        expect(await harness.enqueueAll([repeat])).toMatchObject([{ status: "existing", task: { id, state } }]);
        expect(await harness.read(id)).toEqual(before);
      }
    });

    test("knows the content again when the queue's defaults have changed", async (harness) => {
      const id = await harness.enqueue({ requestId });
      await harness.store.updateQueue(
        "orders",
        { maxAttempts: 9, attemptTimeoutMs: 1, retryPolicy: { jitter: 1 } },
        false,
        harness.now,
      );
      expect(await harness.enqueueAll([{ requestId }])).toMatchObject([{ status: "existing", task: { id } }]);
    });

    test("knows the content again after it was opened anew", async (harness) => {
      const task = { requestId, payload: bytes("a"), headers: '{"a":"1","b":"2"}' };
      const id = await harness.enqueue(task);
      await harness.reopen();
      expect(await harness.enqueueAll([task])).toMatchObject([{ status: "existing", task: { id } }]);
    });

    test("refuses a repeat with other content, whichever part of it", async (harness) => {
      const task = { requestId, payload: bytes("a"), headers: '{"a":"1"}' };
      const id = await harness.enqueue(task);
      const before = await harness.read(id);
      for (const change of otherContent) {
        const answer = await harness.enqueueAll([{ ...task, ...change }]);
        expect(answer, JSON.stringify(change)).toEqual([{ status: "request_id_reused", id }]);
      }
      expect(await harness.read(id)).toEqual(before);
      expect(await listIds(harness.store)).toEqual([id]);
      expect(await harness.store.listQueues(null, 10)).toHaveLength(1);
    });

    test("refuses a repeat with other content once the task has finished", async (harness) => {
      const id = await harness.taskIn("completed", { requestId });
      expect(await harness.enqueueAll([{ requestId, type: "other" }])).toEqual([{ status: "request_id_reused", id }]);
    });

    test("comes before the deduplication key, whatever is to be done with duplicates", async (harness) => {
      for (const duplicatePolicy of ["return_existing", "replace", "refuse"] as const) {
        const task = { requestId: duplicatePolicy, deduplicationKey: duplicatePolicy, duplicatePolicy };
        const id = await harness.enqueue(task);
        expect(await harness.enqueueAll([task])).toMatchObject([
          { status: "existing", task: { id, state: "pending" } },
        ]);
      }
    });

    test("comes before the bound of a queue that is full", async (harness) => {
      await harness.store.updateQueue("orders", { maxDepth: 1 }, true, harness.now);
      const id = await harness.enqueue({ requestId });
      expect(await harness.enqueueAll([{}, { requestId }])).toMatchObject([
        { status: "queue_full" },
        { status: "existing", task: { id } },
      ]);
    });

    test("answers the task of each repeat among many new ones, and stores those once", async (harness) => {
      const id = await harness.enqueue({ requestId });
      const tasks = Array.from({ length: 40 }, (_, index) => ({
        requestId: `new-${index}`,
        type: `type-${index % 3}`,
      }));
      const answers = await harness.enqueueAll([...tasks, { requestId }, { requestId: "new-0", type: "type-0" }]);
      const created = answers.slice(0, 40).map((answer) => (answer.status === "created" ? answer.task.id : null));
      expect(answers.slice(40)).toMatchObject([
        { status: "existing", task: { id } },
        { status: "existing", task: { id: created[0] } },
      ]);
      expect((await listIds(harness.store)).toSorted()).toEqual([id, ...created].toSorted());
      expect(await harness.store.listQueues(null, 10)).toMatchObject([{ counts: { pending: 41 } }]);
    });

    test("makes no claim on the id when the task was refused", async (harness) => {
      await harness.store.updateQueue("orders", { maxDepth: 1 }, true, harness.now);
      const first = await harness.enqueue();
      expect(await harness.enqueueAll([{ requestId }])).toMatchObject([{ status: "queue_full" }]);
      await harness.store.delete([first], harness.now);
      await harness.enqueue({ requestId, priority: 5 });
    });

    test("is forgotten with the task", async (harness) => {
      const id = await harness.enqueue({ requestId });
      await harness.store.delete([id], harness.now);
      expect(await harness.enqueue({ requestId, priority: 5 })).not.toBe(id);
    });

    test("ties nothing together when there is none", async (harness) => {
      const ids = createdIds(await harness.enqueueAll([{}, {}]));
      expect(await listIds(harness.store)).toEqual(ids.toReversed());
    });
  });
}
