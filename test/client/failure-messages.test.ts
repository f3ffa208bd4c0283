import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { WaitReason } from "../../gen/sitq/v1/explanation_pb.js";
import { ExplainTaskResponseSchema } from "../../gen/sitq/v1/queue_service_pb.js";
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

/** A server that explains each task by its id; `null`: it does not answer. */
function explaining(messages: Readonly<Record<string, string>> | null) {
  const explainTask = ({ taskId }: { readonly taskId: string }) =>
    messages === null
      ? Promise.reject(new Error("away"))
      : Promise.resolve(create(ExplainTaskResponseSchema, { explanation: { message: messages[taskId] ?? "" } }));
  return { queue: { explainTask } } as unknown as Parameters<typeof whyUnfinished>[0];
}

describe("why a task is not finished", () => {
  const lastError = create(TaskSchema, { lastError: error("NoMoney", "no money") }).lastError as TaskError;
  const alone = 'no worker is on the queue "mail"';
  it.each([
    [{}, { "0a": alone }, alone],
    [{ lastError }, { "0a": alone }, `${alone}, after NoMoney: no money`],
    [{}, null, ""],
    [{ lastError }, null, ""],
  ])("is what the server says, with the last error: %o", async (facts, messages, words) => {
    expect(await whyUnfinished(explaining(messages), { id: "0a", ...facts })).toBe(words);
  });
});

describe("why a workflow is not at rest", () => {
  const runs = 'the worker "w" runs its attempt 1';
  const alone = 'no worker is on the queue "mail"';

  it("is said of the steps that could go on, and of those that are being undone", async () => {
    const steps = [
      { stepId: "a", state: TaskState.COMPLETED, compensation: { taskId: "0e", state: TaskState.PENDING } },
      { stepId: "b", taskId: "0b", state: TaskState.RUNNING },
      { stepId: "c", taskId: "0c", state: TaskState.PENDING },
      { stepId: "d", taskId: "0d", state: TaskState.BLOCKED },
    ];
    const server = explaining({ "0b": runs, "0c": alone, "0e": alone });
    const running = create(WorkflowSchema, { state: WorkflowState.RUNNING, steps });
    expect(await whyWorkflowWaits(server, running)).toBe(`b: ${runs}; c: ${alone}`);
    const undone = { ...running, state: WorkflowState.FAILED, compensationState: CompensationState.RUNNING };
    expect(await whyWorkflowWaits(server, undone)).toBe(`the undoing of a: ${alone}`);
  });

  it("is that it waits for its execution", async () => {
    const message = "the workflow waits for ExecuteWorkflow";
    const wait = { stepId: "a", explanation: { reason: WaitReason.NOT_EXECUTED, message } };
    expect(await whyWorkflowWaits(explaining(null), create(WorkflowSchema, { wait }))).toBe(message);
  });

  it("names three of many, and their names alone if the server does not answer", async () => {
    const ids = ["a", "b", "c", "d", "e"];
    const steps = ids.map((stepId) => ({ stepId, taskId: `0${stepId}`, state: TaskState.RUNNING }));
    const workflow = create(WorkflowSchema, { state: WorkflowState.RUNNING, steps });
    const server = explaining(Object.fromEntries(ids.map((id) => [`0${id}`, runs])));
    expect(await whyWorkflowWaits(server, workflow)).toBe(`a: ${runs}; b: ${runs}; c: ${runs}; and 2 more`);
    expect(await whyWorkflowWaits(explaining(null), workflow)).toBe("a; b; c; and 2 more");
  });
});
