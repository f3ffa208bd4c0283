import type { ClaimedTask, TaskError } from "../domain/task.ts";
import { createScope, type Expressions } from "./expressions/expressions.ts";
import { expressionsIn, fillParameters, ParameterError } from "./expressions/parameters.ts";
import type { PayloadCodec, PayloadValue } from "./payload-value.ts";

/** The type of the error of a step whose parameters cannot be worked out. */
const expressionErrorType = "EXPRESSION";

/** In characters. */
const longestMessage = 2_000;

/**
 * Makes a function that works out the parameters of a step that is handed out. What they read never changes: every attempt gets
 * the same.
 */
export function createStepPreparation(
  codec: PayloadCodec,
  expressions: Expressions,
): (task: ClaimedTask) => ClaimedTask | TaskError {
  return (task) => {
    const { step, origin } = task;
    if (step === null || step.expressions === null || origin?.kind !== "step") return task;
    const parameters = codec.decode(task.payload);
    if (parameters?.kind !== "json") return task;
    const { input, workflowName } = step.expressions;
    try {
      const read = new Set(expressionsIn(parameters.value, expressions).flatMap(({ reads }) => [...reads]));
      const results: Record<string, PayloadValue> = {};
      for (const stepId of read) results[stepId] = codec.decode(step.results[stepId] ?? null);
      const workflow = { id: origin.workflowId, name: workflowName, correlation_id: task.correlationId ?? "" };
      const scope = createScope({ input: codec.decode(input), results, workflow });
      return { ...task, payload: codec.encodeJson(fillParameters(parameters.value, expressions, scope)) };
    } catch (error) {
      if (!(error instanceof ParameterError)) throw error;
      // The names of members are as long as whoever started the workflow likes.
      const message = `parameters.${error.place}: ${error.message}`.slice(0, longestMessage);
      return { type: expressionErrorType, message, stackTrace: "" };
    }
  };
}
