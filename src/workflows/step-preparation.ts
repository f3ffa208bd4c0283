import { limits } from "../domain/limits.ts";
import { type ClaimedTask, serverErrors, type TaskError } from "../domain/task.ts";
import type { JobAnswer } from "./filling/job.ts";
import { type Lanes, lightUnits } from "./filling/lanes.ts";

/** The type of the error of a step whose parameters cannot be worked out. */
const expressionErrorType = "EXPRESSION";

/** In characters. */
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

  /** What the step may cost beside the others of its workflow. */
  function allowanceOf(workflowId: string, taskId: string): number {
    let left: number = limits.workflowExpressionCost;
    for (const [other, cost] of costs.get(workflowId) ?? []) if (other !== taskId) left -= cost;
    return Math.max(Math.min(left, limits.expressionCost), 0);
  }

  function note(workflowId: string, taskId: string, cost: number): void {
    const ofWorkflow = costs.get(workflowId) ?? new Map<string, number>();
    remember(costs, workflowId, ofWorkflow.set(taskId, cost));
  }

  return (task) => {
    const { id, step, origin, payload } = task;
    if (step === null || step.expressions === null || origin?.kind !== "step" || payload === null) return task;
    const known = refusals.get(id);
    if (known !== undefined) return known;
    const { input, workflowName } = step.expressions;
    const workflow = { id: origin.workflowId, name: workflowName, correlation_id: task.correlationId ?? "" };

    function prepared(answer: JobAnswer): Prepared {
      if (answer.cost > lightUnits) note(workflow.id, id, answer.cost);
      switch (answer.kind) {
        case "filled":
          return { ...task, payload: answer.payload };
        case "too_large":
          return serverErrors.stepTooLarge;
        case "read":
          throw new Error("parameters that were to be worked out were read");
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
  // The names of members are as long as the starter of the workflow likes.
  const text = `parameters.${place}: ${message}`.slice(0, longestMessage);
  return { type: expressionErrorType, message: text, stackTrace: "" };
}

/** Sets an entry, and forgets the oldest beyond the bound. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > remembered && oldest !== undefined) map.delete(oldest);
}
