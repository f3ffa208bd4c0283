import { expect, test } from "vitest";
import { judgeCancel, judgeDelete, judgeRetry } from "../../../src/domain/operators/operator-changes.ts";
import { type TaskState, taskStates } from "../../../src/domain/tasks/task.ts";

/** What a rule says of each state. */
function byState(rule: (state: TaskState) => string): Record<TaskState, string> {
  return Object.fromEntries(taskStates.map((state) => [state, rule(state)])) as Record<TaskState, string>;
}

const all = (verdict: string) => byState(() => verdict);
const never = () => false;

test("whatever is unfinished can be cancelled", () => {
  const expected = { ...all("cancel"), completed: "finished", failed: "finished", cancelled: "cancelled" };
  expect(byState(judgeCancel)).toEqual(expected);
});

test("what has failed, was cancelled or waits for its time can be retried", () => {
  const expected = { ...all("not_retryable"), scheduled: "bring_forward", failed: "restart", cancelled: "restart" };
  expect(byState((state) => judgeRetry({ state, isInWorkflow: false, isDelivery: false }, never))).toEqual(expected);
});

test("a finished task is not retried beside an unfinished one with its key, and not without its workflow", () => {
  const rival = () => true;
  const duplicates = {
    ...all("not_retryable"),
    scheduled: "bring_forward",
    failed: "duplicate",
    cancelled: "duplicate",
  };
  expect(byState((state) => judgeRetry({ state, isInWorkflow: false, isDelivery: false }, rival))).toEqual(duplicates);
  const steps = {
    ...all("not_retryable"),
    scheduled: "bring_forward",
    failed: "in_workflow",
    cancelled: "in_workflow",
  };
  expect(byState((state) => judgeRetry({ state, isInWorkflow: true, isDelivery: false }, never))).toEqual(steps);
});

test("whatever does not run and is no step can be deleted", () => {
  expect(byState((state) => judgeDelete({ state, isInWorkflow: false, isDelivery: false }))).toEqual({
    ...all("delete"),
    running: "running",
  });
  expect(byState((state) => judgeDelete({ state, isInWorkflow: true, isDelivery: false }))).toEqual({
    ...all("in_workflow"),
    running: "running",
  });
});
