import type { NewWorkflow, Workflow } from "../../src/domain/workflows/workflow.ts";
import { newStep } from "../harness/calls/builders.ts";
import type { StoreHarness } from "./store-harness.ts";

/** Starts a workflow and answers its id. */
export async function start(harness: StoreHarness, workflow: NewWorkflow): Promise<string> {
  const [answer] = await harness.store.startWorkflows([workflow], harness.now);
  if (answer?.status !== "created") throw new Error(`not started: ${JSON.stringify(answer)}`);
  return answer.workflow.id;
}

/** A workflow that must be there. */
export async function read(harness: StoreHarness, id: string): Promise<Workflow> {
  const workflow = await harness.store.getWorkflow(id);
  if (workflow === null) throw new Error(`no workflow ${id}`);
  return workflow;
}

/** The states of its steps, in a line. */
export async function states(harness: StoreHarness, id: string): Promise<string> {
  const { steps } = await read(harness, id);
  return steps.map(({ stepId, task }) => `${stepId} ${task.state}`).join(", ");
}

/** The task of a step that must be there. */
export async function stepTask(harness: StoreHarness, id: string, stepId: string) {
  const found = (await read(harness, id)).steps.find((step) => step.stepId === stepId);
  if (found === undefined) throw new Error(`no step ${stepId}`);
  return found.task;
}

/** Two steps, of which the first can be undone. */
export const chain = [newStep("a", { compensateWith: "undo-a" }), newStep("b", { dependsOn: [0] })];
