import { limits } from "../contract/limits.ts";
import { type ClaimedTask, serverErrors, type TaskError } from "../domain/tasks/task.ts";
import type { JobAnswer } from "./filling/job.ts";
import { type Lanes, lightUnits } from "./filling/lanes.ts";

/** The type of the error of a step whose parameters cannot be worked out. */
const expressionErrorType = "EXPRESSION";

/** The longest message of an error, in characters. */
const longestMessage = 2_000;

/** How many workflows with costly steps, and steps that were refused as too costly, are remembered. */
const remembered = 10_000;

type Prepared = ClaimedTask | TaskError;

/**
 * Makes a function that works out the parameters of a step that is handed out: at once, or later, if they are costly or many. What
 * they read never changes: every attempt gets the same. A refusal as too costly is remembered, so that another attempt does not
 * cost as much again; and what the costly steps of one workflow cost counts together.
 */
export function createStepPreparation(lanes: Lanes): (task: ClaimedTask) => Prepared | Promise<Prepared> {
  const refusals = new Map<string, TaskError>();
  const costs = new Map<string, Map<string, number>>();

  /** What a workflow may still spend under a name: its limit less what is noted under other names. */
  function leftBeside(workflowId: string, name: string): number {
    let left: number = limits.workflowExpressionCost;
    for (const [other, cost] of costs.get(workflowId) ?? []) if (other !== name) left -= cost;
    return left;
  }

  /** What a step may still cost. What is light is not noted, and always allowed. */
  function allowanceOf(workflowId: string, taskId: string): number {
    return Math.max(Math.min(leftBeside(workflowId, taskId), limits.expressionCost), lightUnits);
  }

  function note(workflowId: string, name: string, cost: number): void {
    if (cost <= lightUnits) return;
    const ofWorkflow = costs.get(workflowId) ?? new Map<string, number>();
    remember(costs, workflowId, ofWorkflow.set(name, cost));
  }

  /** Notes each value once, however many steps read it, and never more than is left: each step keeps what it has cost before. */
  function noteDecoding(workflowId: string, decoding: Readonly<Record<string, number>>): void {
    for (const [what, cost] of Object.entries(decoding)) {
      const name = `decoding ${what}`;
      note(workflowId, name, Math.min(cost, leftBeside(workflowId, name)));
    }
  }

  return (task) => {
    const { id, step, origin, payload } = task;
    if (step === null || step.expressions === null || origin?.kind !== "step" || payload === null) return task;
    const known = refusals.get(id);
    if (known !== undefined) return known;
    const { input, workflowName } = step.expressions;
    const workflow = { id: origin.workflowId, name: workflowName, correlation_id: task.correlationId ?? "" };

    function prepared(answer: JobAnswer): Prepared {
      note(workflow.id, id, answer.cost);
      noteDecoding(workflow.id, answer.decoding ?? {});
      switch (answer.kind) {
        case "filled":
          return { ...task, payload: answer.payload };
        case "too_large":
          return serverErrors.stepTooLarge;
        case "read":
          throw new Error("parameters that were to be worked out were read");
        case "out_of_time":
          throw new Error("lanes that let a job run out of time");
        case "wrong":
          return expressionError(answer);
        case "too_costly": {
          const error = expressionError(answer);
          remember(refusals, id, error);
          return error;
        }
      }
    }

    const job = { kind: "fill", parameters: payload, input, results: step.results, workflow } as const;
    const answer = lanes.run(job, () => allowanceOf(workflow.id, id));
    return answer instanceof Promise ? answer.then(prepared) : prepared(answer);
  };
}

function expressionError({ place, message }: { readonly place: string; readonly message: string }): TaskError {
  // The place holds names of members, whose length the caller chooses.
  const text = `parameters.${place}: ${message}`.slice(0, longestMessage);
  return { type: expressionErrorType, message: text, stackTrace: "" };
}

/** Sets an entry, and forgets the oldest beyond the bound. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > remembered && oldest !== undefined) map.delete(oldest);
}
