import type { MessageInitShape } from "@bufbuild/protobuf";
import { onTestFinished } from "vitest";
import { TaskState } from "../../../gen/sitq/v1/task_pb.js";
import {
  CompensationState,
  type StartWorkflowRequestSchema,
  type WatchWorkflowResponse,
  type Workflow,
  type WorkflowChange,
  WorkflowState,
  type WorkflowStep,
  type WorkflowStepSchema,
} from "../../../gen/sitq/v1/workflow_service_pb.js";
import { createCondition } from "../condition.ts";
import type { TestServer } from "../server.ts";
import { present } from "./tasks.ts";

/** What of a server is needed here. */
type Workflows = Pick<TestServer, "workflow">;
/** A step as a caller writes it. */
export type StepInit = Exclude<MessageInitShape<typeof WorkflowStepSchema>, WorkflowStep>;
/** A request as a caller writes it. */
export type StartInit = MessageInitShape<typeof StartWorkflowRequestSchema>;

/** Steps of one queue, from `id: those it depends on`; the action of each is its id. */
export function stepsIn(queue: string, graph: Readonly<Record<string, string>>, more: StepInit = {}): StepInit[] {
  return Object.entries(graph).map(([stepId, names]) => ({
    stepId,
    serviceName: queue,
    action: stepId,
    dependsOn: names === "" ? [] : names.split(" "),
    ...more,
  }));
}

/** Starts a workflow with the name `place-order`, with what a test changes of it. */
export async function start({ workflow }: Workflows, request: StartInit): Promise<Workflow> {
  return present((await workflow.startWorkflow({ name: "place-order", ...request })).workflow);
}

/** A workflow as it is now, whole. */
export async function readWorkflow({ workflow }: Workflows, { id }: Pick<Workflow, "id">): Promise<Workflow> {
  return present((await workflow.getWorkflow({ workflowId: id })).workflow);
}

/** Resolves once a step of a workflow was claimed. */
export async function hasBegun(workflows: Workflows, workflow: Pick<Workflow, "id">): Promise<void> {
  const watch = await watchWorkflow(workflows, workflow);
  if (watch.first.state === WorkflowState.PENDING) await watch.line("workflow RUNNING");
}

/** The states of the steps by their names. */
export function stepStates({ steps }: Workflow): Record<string, string> {
  return Object.fromEntries(steps.map(({ stepId, state }) => [stepId, TaskState[state]]));
}

/** A step that must be there. */
export function step(workflow: Workflow, stepId: string): WorkflowStep {
  return present(workflow.steps.find((each) => each.stepId === stepId));
}

/** Somebody who watches one workflow and remembers what happened. */
export interface WorkflowWatch {
  /** The workflow of the first message. */
  readonly first: Workflow;
  /** Every change so far, in a line: `pay RUNNING 1`, `pay undo COMPLETED 1`, `workflow FAILED COMPLETED`. */
  readonly lines: readonly string[];
  /** Resolves once a line has come. */
  line(line: string): Promise<void>;
  /** Why it ended; `null`: it did so cleanly. */
  readonly ended: Promise<unknown>;
}

/** Begins to watch; from its return on nothing is missed. It ends with the test. */
export async function watchWorkflow({ workflow }: Workflows, { id }: Pick<Workflow, "id">): Promise<WorkflowWatch> {
  const leave = new AbortController();
  onTestFinished(() => leave.abort());
  const lines: string[] = [];
  const condition = createCondition();
  const began = Promise.withResolvers<Workflow>();

  function take({ workflow: first, changes }: WatchWorkflowResponse): void {
    if (first !== undefined) began.resolve(first);
    lines.push(...changes.map(lineOf));
    condition.changed();
  }

  async function follow(): Promise<unknown> {
    try {
      for await (const message of workflow.watchWorkflow({ workflowId: id }, { signal: leave.signal })) take(message);
      return null;
    } catch (error) {
      began.reject(error);
      return error;
    }
  }
  const ended = follow().then((why) => {
    condition.end(why);
    return why;
  });

  return {
    first: await began.promise,
    lines,
    ended,
    line: (line) => condition.until(() => lines.includes(line), line),
  };
}

function lineOf(change: WorkflowChange): string {
  const { stepId, isCompensation, stepState, attempt, workflowState, compensationState } = change;
  if (stepId !== "") return `${stepId}${isCompensation ? " undo" : ""} ${TaskState[stepState]} ${attempt}`;
  const undoing = compensationState === CompensationState.UNSPECIFIED ? "" : ` ${CompensationState[compensationState]}`;
  return `workflow ${WorkflowState[workflowState]}${undoing}`;
}
