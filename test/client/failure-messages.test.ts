import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { GetQueueResponseSchema } from "../../gen/sitq/v1/queue_service_pb.js";
import { type TaskError, TaskSchema, TaskState } from "../../gen/sitq/v1/task_pb.js";
import { CompensationState, WorkflowSchema, WorkflowState } from "../../gen/sitq/v1/workflow_service_pb.js";
import { readResult } from "../../src/client/errors/read-result.ts";
import { PayloadMismatchError, TaskFailedError, WorkflowFailedError } from "../../src/client/index.ts";
import { whyUnfinished, whyWorkflowWaits } from "../../src/client/tasks/why-it-waits.ts";

const error = (type: string, message: string) => ({ type, message, stackTrace: "" });

describe("the message of a failure", () => {
  const task = { id: "0f3k", type: "resize", queue: "images" };
  it.each([
    [TaskState.FAILED, 3, error("Corrupt", "not an image"), "failed after 3 attempts: Corrupt: not an image"],
    [TaskState.FAILED, 1, error("Error", "no"), "failed after 1 attempt: no"],
    [TaskState.FAILED, 0, error("EXPIRED", "Too late."), "failed before its first attempt: EXPIRED: Too late."],
    [TaskState.FAILED, 1, undefined, "failed after 1 attempt."],
    [TaskState.CANCELLED, 1, error("CANCELLED", "wrong address"), "was cancelled: wrong address"],
    [TaskState.CANCELLED, 0, undefined, "was cancelled."],
  ])("of a task in state %i names it, its type and why", (state, attempt, lastError, words) => {
    const stored = create(TaskSchema, { ...task, state, attempt, ...(lastError && { lastError }) });
    expect(new TaskFailedError(stored).message).toBe(`The task 0f3k (resize) ${words}`);
  });

  const steps = [
    { stepId: "charge", action: "payment.charge" },
    { stepId: "ship", action: "ship" },
  ];
  it.each([
    ["charge", CompensationState.UNSPECIFIED, "failed at the step charge (payment.charge): NoMoney: no money"],
    ["ship", CompensationState.COMPLETED, "failed at the step ship: NoMoney: no money"],
    ["ship", CompensationState.FAILED, "failed at the step ship, and its undoing failed: NoMoney: no money"],
  ])("of a workflow that failed at %s names it, the step and why", (stepId, compensationState, words) => {
    const failure = { stepId, error: error("NoMoney", "no money") };
    const facts = { id: "0w", name: "place-order", state: WorkflowState.FAILED, steps, failure, compensationState };
    const { message } = new WorkflowFailedError(create(WorkflowSchema, facts));
    expect(message).toBe(`The workflow 0w (place-order) ${words}`);
  });

  it("of a result that does not fit names whose it is", () => {
    const read = () => {
      throw new PayloadMismatchError("Expected JSON, not bytes.");
    };
    const text = "The result of the task 0f3k (resize) does not fit: Expected JSON, not bytes.";
    expect(() => readResult("the task 0f3k (resize)", read)).toThrow(new PayloadMismatchError(text));
  });
});

/** A server that knows one queue. */
function queueOf(queue: { readonly paused?: boolean; readonly workers?: number } | null) {
  const { paused = false, workers = 0 } = queue ?? {};
  const answer = create(GetQueueResponseSchema, { queue: { paused, statistics: { workers } } });
  const getQueue = () => (queue === null ? Promise.reject(new Error("away")) : Promise.resolve(answer));
  return { queue: { getQueue } } as unknown as Parameters<typeof whyUnfinished>[0];
}

describe("why a task is not finished", () => {
  const due = timestampFromMs(Date.UTC(2025, 0, 2));
  const broken: TaskError = create(TaskSchema, { lastError: error("NoMoney", "no money") }).lastError as TaskError;
  it.each([
    [{ state: TaskState.PENDING }, { workers: 0 }, "no worker is on the queue mail"],
    [{ state: TaskState.PENDING }, { paused: true }, "the queue mail is paused"],
    [{ state: TaskState.PENDING }, { workers: 2 }, "it waits its turn in the queue mail"],
    [{ state: TaskState.PENDING }, null, "it waits its turn in the queue mail"],
    [{ state: TaskState.SCHEDULED, scheduleTime: due }, null, "it is due at 2025-01-02T00:00:00.000Z"],
    [
      { state: TaskState.SCHEDULED, scheduleTime: due, attempt: 1, lastError: broken },
      null,
      "its next attempt is due at 2025-01-02T00:00:00.000Z, after NoMoney: no money",
    ],
    [{ state: TaskState.RUNNING, attempt: 2, workerId: "w" }, null, "the worker w runs its attempt 2"],
    [{ state: TaskState.BLOCKED }, null, "it waits for other tasks"],
    [{ state: TaskState.COMPLETED }, null, ""],
  ])("is said of %o", async (facts, queue, words) => {
    const task = create(TaskSchema, { queue: "mail", type: "send", ...facts });
    expect(await whyUnfinished(queueOf(queue), task)).toBe(words);
  });
});

describe("why a workflow is not at rest", () => {
  it("is said of the steps that could go on, and of those that are being undone", async () => {
    const step = { serviceName: "mail", action: "send", compensateWith: "unsend" };
    const steps = [
      { ...step, stepId: "a", state: TaskState.COMPLETED, compensation: { state: TaskState.PENDING } },
      { ...step, stepId: "b", state: TaskState.RUNNING, attempt: 1, workerId: "w" },
      { ...step, stepId: "c", state: TaskState.PENDING },
      { ...step, stepId: "d", state: TaskState.BLOCKED },
    ];
    const running = create(WorkflowSchema, { state: WorkflowState.RUNNING, steps });
    expect(await whyWorkflowWaits(queueOf({ workers: 0 }), running)).toBe(
      "b: the worker w runs its attempt 1; c: no worker is on the queue mail",
    );
    const undone = { ...running, state: WorkflowState.FAILED, compensationState: CompensationState.RUNNING };
    expect(await whyWorkflowWaits(queueOf({ workers: 0 }), undone)).toBe(
      "the undoing of a: no worker is on the queue mail",
    );
  });

  it("names three of many", async () => {
    const step = { serviceName: "mail", action: "send", state: TaskState.RUNNING, attempt: 1 };
    const steps = ["a", "b", "c", "d", "e"].map((stepId) => ({ ...step, stepId }));
    const workflow = create(WorkflowSchema, { state: WorkflowState.RUNNING, steps });
    expect(await whyWorkflowWaits(queueOf(null), workflow)).toBe(
      "a: a worker runs its attempt 1; b: a worker runs its attempt 1; c: a worker runs its attempt 1; and 2 more",
    );
  });
});
