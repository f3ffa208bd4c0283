import { expect, test } from "vitest";
import type { Settlement } from "../../../../src/domain/tasks/outcome.ts";
import type { ClaimAnswer } from "../../../../src/store/claim-plan.ts";
import type { SyncVerb, Verbs } from "../../../../src/store/sqlite/engine/verb.ts";
import { packArgs, packVerbs, unpackAnswer } from "../../../../src/store/sqlite/thread/packed-verbs.ts";
import type { StoreVerbs } from "../../../../src/store/store.ts";
import type { EnqueueAnswer, SettleAnswer } from "../../../../src/store/task-store.ts";
import { newTask } from "../../../harness/calls/builders.ts";

type PackedName = "enqueue" | "claim" | "settle";

/** Calls a verb of the other thread that answers `answer`: what arrives there, and what comes back. */
function callThere<Name extends PackedName>(
  name: Name,
  args: Parameters<StoreVerbs[Name]>,
  answer: ReturnType<SyncVerb<StoreVerbs[Name]>>,
) {
  let arrived: readonly unknown[] = [];
  const verbs: Partial<Verbs> = {
    [name]: (...given: readonly unknown[]) => {
      arrived = given;
      return answer;
    },
  };
  const sent = structuredClone(packArgs(name, args));
  const answered = structuredClone(packVerbs(verbs)[name]?.(...sent));
  return { arrived, answer: unpackAnswer(name, answered) };
}

test("new tasks arrive with every field", () => {
  const tasks = [
    newTask(),
    // Each value once, so that none can stand for another.
    {
      queue: "q",
      type: "t",
      payload: Uint8Array.of(7),
      headers: '{"a":"b"}',
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
  expect(callThere("enqueue", [tasks, 7, true], []).arrived).toEqual([tasks, 7, true]);
  expect(callThere("enqueue", [[], 7], []).arrived).toEqual([[], 7]);
});

test("claimed tasks come back with every field", () => {
  const task = {
    id: "i",
    queue: "q",
    type: "t",
    payload: Uint8Array.of(7),
    headers: '{"a":"b"}',
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
  const payloads = [null, new Uint8Array(), Uint8Array.from(Buffer.from("from a pool")), null];
  const tasks = [task, ...payloads.map((payload) => ({ ...task, payload, priority: 0, attempt: 1 }))];
  const answer: ClaimAnswer = { tasks, short: "max_running", lanes: ["worker:w"] };
  const plan = { queue: "q", slots: [], leaseUntilMs: null };
  expect(callThere("claim", [plan, 7], answer)).toEqual({ arrived: [plan, 7], answer });
  expect(callThere("claim", [plan, 7], { tasks: [], short: "empty" }).answer).toEqual({ tasks: [], short: "empty" });
});

test("settlements arrive with every field", () => {
  const held = { taskId: "i", attempt: 3, workerId: "w", leaseKind: "stream" } as const;
  const error = { message: "m", type: "t", stackTrace: "s" };
  const settlements: Settlement[] = [
    { ...held, outcome: { kind: "completed", result: null, traceparent: null } },
    {
      ...held,
      leaseKind: "unary",
      outcome: { kind: "completed", result: Uint8Array.of(1, 2, 3), traceparent: "00-ab" },
    },
    { ...held, outcome: { kind: "failed", error, terminal: true, retryDelayMs: 5, random: 0.5 } },
    { ...held, outcome: { kind: "completed", result: new Uint8Array(), traceparent: null } },
  ];
  expect(callThere("settle", [settlements, 7], []).arrived).toEqual([settlements, 7]);
});

test("of a record only what is not as in the one before is sent", () => {
  const held = {
    attempt: 1,
    workerId: "w",
    leaseKind: "stream",
    outcome: { kind: "completed", result: null },
  } as const;
  const settlements: Settlement[] = ["a", "b", "c"].map((taskId) => ({ ...held, taskId }));
  expect(JSON.stringify(packArgs("settle", [settlements, 7])).match(/"w"/g)).toHaveLength(1);
  const same = { status: "settled", queue: "q", state: "completed", scheduleMs: null } as const;
  const { answer } = callThere("settle", [[], 7], [same, { ...same }, { ...same, state: "failed" }, same]);
  expect(answer).toEqual([same, same, { ...same, state: "failed" }, same]);
});

test("answers come back as they were given", () => {
  const created = { id: "i", state: "scheduled", maxAttempts: 1, scheduleMs: 2, expireMs: 3, createMs: 4 } as const;
  const enqueued: EnqueueAnswer[] = [
    { status: "created", task: created },
    { status: "queue_full", depth: 5 },
    { status: "created", task: { ...created, state: "pending", id: "j" } },
  ];
  expect(callThere("enqueue", [[], 7], enqueued).answer).toEqual(enqueued);
  const settled: SettleAnswer[] = [
    { status: "settled", queue: "q", state: "completed", scheduleMs: null },
    { status: "settled", queue: "q", state: "scheduled", scheduleMs: 7 },
    { status: "stale", state: "failed" },
    { status: "not_found" },
  ];
  expect(callThere("settle", [[], 7], settled).answer).toEqual(settled);
});
