import { expect, test } from "vitest";
import type { ClaimAnswer } from "../../../../src/store/claim-plan.ts";
import { packBytes, unpackBytes } from "../../../../src/store/sqlite/thread/packed-bytes.ts";
import {
  packClaim,
  packEnqueueAnswer,
  packNewTasks,
  packSettleAnswer,
  packSettlements,
  unpackClaim,
  unpackEnqueueAnswer,
  unpackNewTasks,
  unpackSettleAnswer,
  unpackSettlements,
} from "../../../../src/store/sqlite/thread/packed-verbs.ts";
import type { EnqueueAnswer, SettleAnswer, Settlement } from "../../../../src/store/task-store.ts";
import { newTask } from "../../../harness/calls/builders.ts";

/** As it arrives on the other thread. */
const sent = <T>(value: T): T => structuredClone(value);

test("bytes come out as they went in, empty ones and missing ones too", () => {
  const fields = [Uint8Array.of(1, 2), null, new Uint8Array(), Buffer.from("from a pool"), null];
  const unpacked = unpackBytes(sent(packBytes(fields)));
  expect(unpacked.map((field) => field && [...field])).toEqual(fields.map((field) => field && [...field]));
  expect(unpackBytes(sent(packBytes([])))).toEqual([]);
});

test("new tasks come out with every field", () => {
  const tasks = [
    newTask(),
    // Each value once, so that none can stand for another.
    {
      queue: "q",
      type: "t",
      payload: Uint8Array.of(7),
      headers: { a: "b" },
      priority: 1,
      scheduleMs: 2,
      delayMs: 3,
      expireMs: 4,
      timeToLiveMs: 5,
      maxAttempts: 6,
      retryPolicy: { multiplier: 7 },
      attemptTimeoutMs: 8,
      correlationId: "c",
      sourceService: "s",
      deduplicationKey: "d",
      duplicatePolicy: "replace" as const,
      requestId: "r",
      dispatch: { workerId: "w", waitMs: 9 },
    },
  ];
  expect(unpackNewTasks(sent(packNewTasks(tasks)))).toEqual(tasks);
});

test("claimed tasks come out with every field", () => {
  const task = {
    id: "i",
    queue: "q",
    type: "t",
    payload: Uint8Array.of(7),
    headers: { a: "b" },
    priority: 1,
    attempt: 2,
    maxAttempts: 3,
    attemptTimeoutMs: 4,
    expireMs: 5,
    correlationId: "c",
    sourceService: "s",
    origin: { kind: "step", workflowId: "w", stepId: "x", isCompensation: false },
    event: null,
    step: { results: { y: Uint8Array.of(8) }, expressions: null },
    createMs: 6,
    workerId: "o",
  } as const;
  const answer: ClaimAnswer = { tasks: [task, { ...task, id: "j", payload: null }], short: "max_running" };
  expect(unpackClaim(sent(packClaim("q", answer)))).toEqual(answer);
});

test("settlements come out with every field", () => {
  const held = { taskId: "i", attempt: 3, workerId: "w", leaseKind: "stream" } as const;
  const error = { message: "m", type: "t", stackTrace: "s" };
  const settlements: Settlement[] = [
    { ...held, outcome: { kind: "completed", result: null } },
    { ...held, leaseKind: "unary", outcome: { kind: "completed", result: Uint8Array.of(1, 2, 3) } },
    { ...held, outcome: { kind: "failed", error, terminal: true, retryDelayMs: 5, random: 0.5 } },
    { ...held, outcome: { kind: "completed", result: new Uint8Array() } },
  ];
  expect(unpackSettlements(sent(packSettlements(settlements)))).toEqual(settlements);
});

test("answers come out as they were given", () => {
  const created = { id: "i", state: "scheduled", maxAttempts: 1, scheduleMs: 2, expireMs: 3, createMs: 4 } as const;
  const enqueued: EnqueueAnswer[] = [
    { status: "created", task: created },
    { status: "queue_full", depth: 5 },
  ];
  expect(enqueued.map((answer) => unpackEnqueueAnswer(sent(packEnqueueAnswer(answer))))).toEqual(enqueued);
  const settled: SettleAnswer[] = [
    { status: "settled", queue: "q", state: "completed", scheduleMs: null },
    { status: "settled", queue: "q", state: "scheduled", scheduleMs: 7 },
    { status: "stale", state: "failed" },
    { status: "not_found" },
  ];
  expect(settled.map((answer) => unpackSettleAnswer(sent(packSettleAnswer(answer))))).toEqual(settled);
});
