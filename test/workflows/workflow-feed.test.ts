import fc from "fast-check";
import { expect, it } from "vitest";
import type { Task } from "../../src/domain/tasks/task.ts";
import type { Workflow, WorkflowChange, WorkflowStep } from "../../src/domain/workflows/workflow.ts";
import { changesSince } from "../../src/workflows/workflow-feed.ts";

type StepChange = Extract<WorkflowChange, { kind: "step" }>;

function change(stepId: string, state: StepChange["state"], attempt: number): StepChange {
  return { kind: "step", workflowId: "w", stepId, isCompensation: false, state, attempt, workerId: null, changeMs: 0 };
}

const began: WorkflowChange = { ...base("running"), atRest: false };
const ended: WorkflowChange = { ...base("completed"), atRest: true };

function base(state: "running" | "completed") {
  return { kind: "workflow", workflowId: "w", state, compensation: "none", changeMs: 0 } as const;
}

/** What happens to two steps, the second tried twice; each change once, as the store tells it. */
const story: readonly WorkflowChange[] = [
  change("a", "running", 1),
  began,
  change("a", "completed", 1),
  change("b", "pending", 0),
  change("b", "running", 1),
  change("b", "scheduled", 1),
  change("b", "pending", 1),
  change("b", "running", 2),
  change("b", "completed", 2),
  ended,
];

/** The workflow as it stands after so many changes. */
function after(count: number): Workflow {
  const told = story.slice(0, count);
  const stepOf = (stepId: string, first: Task["state"]): WorkflowStep => {
    const last = told.findLast((each) => each.kind === "step" && each.stepId === stepId);
    const { state, attempt } = last?.kind === "step" ? last : { state: first, attempt: 0 };
    return {
      stepId,
      dependsOn: [],
      compensateWith: null,
      compensation: null,
      task: taskOf(state, attempt),
    };
  };
  const last = told.findLast((each) => each.kind === "workflow");
  return {
    id: "w",
    name: "n",
    compensation: "none",
    correlationId: "w",
    sourceService: null,
    requestId: null,
    failure: null,
    createMs: 0,
    startMs: null,
    input: null,
    state: last?.kind === "workflow" ? last.state : "pending",
    finishMs: last === ended ? 0 : null,
    steps: [stepOf("a", "pending"), stepOf("b", "blocked")],
  };
}

function taskOf(state: Task["state"], attempt: number): Task {
  return {
    id: "t",
    queue: "q",
    type: "t",
    payload: null,
    headers: null,
    priority: 0,
    scheduleMs: null,
    expireMs: null,
    maxAttempts: 9,
    attemptBase: 0,
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
    createMs: 0,
    startMs: null,
    finishMs: null,
    state,
    attempt,
    retryPolicy: { initialBackoffMs: 0, maxBackoffMs: 0, multiplier: 1, jitter: 0 },
  };
}

it("leaves out what a workflow shows already, and nothing else, wherever it was read", () => {
  fc.assert(
    fc.property(
      fc.nat({ max: story.length }),
      fc.nat({ max: story.length }),
      fc.nat({ max: story.length }),
      (a, b, c) => {
        // Told from `from` to `to` while it was read as it stood after `at`, somewhere in between.
        const [from, at, to] = [a, b, c].toSorted((x, y) => x - y) as [number, number, number];
        expect(changesSince(after(at), story.slice(from, to))).toEqual(story.slice(at, to));
      },
    ),
  );
});
