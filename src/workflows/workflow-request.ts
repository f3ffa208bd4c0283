import { createHash } from "node:crypto";
import { limits } from "../contract/limits.ts";
import { withoutTrace } from "../contract/trace-context.ts";
import { invalidField, quoted, type SitqError } from "../domain/errors.ts";
import { payloadContent } from "../domain/payload-content.ts";
import { workflowTooLarge } from "../domain/refusals/workflows.ts";
import type { NewStep, NewWorkflow } from "../domain/workflows/workflow.ts";
import { type GraphProblem, resolveGraph, type StepGraph } from "../domain/workflows/workflow-graph.ts";
import type { ReadExpression } from "./filling/job.ts";
import type { Lanes } from "./filling/lanes.ts";

/** A step as a caller asks for it: its fields are checked, what it refers to is not. */
export interface RequestedStep extends Omit<NewStep, "dependsOn" | "reads" | "hasExpressions"> {
  /** The ids of the steps that have to be completed first. */
  readonly dependsOn: readonly string[];
}

/** A workflow as a caller asks for it. */
export interface RequestedWorkflow extends Omit<NewWorkflow, "steps" | "digest"> {
  readonly steps: readonly RequestedStep[];
}

/**
 * Checks that the parts of a workflow fit together, and answers it as the store takes it.
 *
 * @throws SitqError INVALID_FIELD or PAYLOAD_TOO_LARGE with the field's path in StartWorkflowRequest
 */
export async function resolveRequest(request: RequestedWorkflow, lanes: Lanes): Promise<NewWorkflow> {
  const { steps } = request;
  const graph = resolveGraph(steps);
  if ("kind" in graph) throw refusalOf(graph, steps);
  checkSize(request);
  const found: FoundTemplates[] = [];
  for (const [index, step] of steps.entries()) found.push(await templatesOf(step, `steps[${index}].parameters`, lanes));
  const count = found.reduce((sum, { expressions }) => sum + expressions.length, 0);
  if (count > limits.expressionCount) {
    throw invalidField("steps", `have ${count} expressions; at most ${limits.expressionCount} are allowed`);
  }
  return {
    ...request,
    steps: steps.map((step, index) => ({
      ...step,
      dependsOn: graph.dependsOn[index] ?? [],
      reads: readsOf(index, found[index]?.expressions ?? [], steps, graph),
      hasExpressions: found[index]?.hasTemplates ?? false,
    })),
    digest: digestOf(request),
  };
}

function refusalOf(problem: GraphProblem, steps: readonly RequestedStep[]): SitqError {
  const { step } = problem;
  const dependency = (number: number) => ({
    field: `steps[${step}].depends_on[${number}]`,
    name: steps[step]?.dependsOn[number] ?? "",
  });
  switch (problem.kind) {
    case "duplicate_step":
      return invalidField(`steps[${step}].step_id`, "appears twice", steps[step]?.stepId ?? "");
    case "unknown_step": {
      const { field, name } = dependency(problem.dependency);
      return invalidField(field, "is not a step of this workflow", name);
    }
    case "depends_on_itself": {
      const { field, name } = dependency(problem.dependency);
      return invalidField(field, "is the step itself", name);
    }
    case "repeated_dependency": {
      const { field, name } = dependency(problem.dependency);
      return invalidField(field, "appears twice", name);
    }
    case "cycle": {
      const { field } = dependency(problem.dependency);
      return invalidField(field, `the steps wait for each other: ${problem.path.join(" -> ")}`);
    }
  }
}

/** How large a workflow is, in bytes: its input and the parameters of its steps. */
export function bytesOf({ input, steps }: RequestedWorkflow): number {
  return steps.reduce((sum, { parameters }) => sum + (parameters?.length ?? 0), input?.length ?? 0);
}

/** A workflow is read whole, in one message. */
function checkSize(request: RequestedWorkflow): void {
  const bytes = bytesOf(request);
  if (bytes > limits.workflowBytes) throw workflowTooLarge(bytes, limits.workflowBytes);
}

/** What a step's parameters ask for. */
interface FoundTemplates {
  /** Whether there is anything to replace when it is handed out: an expression, or a `$${`. */
  readonly hasTemplates: boolean;
  readonly expressions: readonly ReadExpression[];
}

async function templatesOf({ parameters }: RequestedStep, field: string, lanes: Lanes): Promise<FoundTemplates> {
  // A text stands in a payload as it is, so that most need not be decoded.
  if (
    parameters === null ||
    Buffer.from(parameters.buffer, parameters.byteOffset, parameters.length).indexOf("${") === -1
  ) {
    return { hasTemplates: false, expressions: [] };
  }
  const answer = await lanes.run({ kind: "read", parameters }, () => Number.MAX_SAFE_INTEGER);
  switch (answer.kind) {
    case "read":
      return answer;
    case "filled":
    case "too_large":
      throw new Error("parameters that were to be read were worked out");
    case "out_of_time":
      throw new Error("lanes that let a job run out of time");
    case "wrong":
    case "too_costly":
      throw invalidField(`${field}.${answer.place}`, answer.message);
  }
}

/** The steps whose results a step is given: those that it depends on, and those that its expressions name. */
function readsOf(
  index: number,
  found: readonly ReadExpression[],
  steps: readonly RequestedStep[],
  { dependsOn, ancestors }: StepGraph,
): number[] {
  const reads = new Set(dependsOn[index]);
  for (const { place, reads: names } of found) {
    for (const name of names) {
      const step = steps.findIndex(({ stepId }) => stepId === name);
      if (!ancestors[index]?.has(step)) {
        const what = step === -1 ? "is not a step of this workflow" : "does not come before this step";
        throw invalidField(`steps[${index}].parameters.${place}`, `reads the result of ${quoted(name)}, which ${what}`);
      }
      reads.add(step);
    }
  }
  return [...reads];
}

/** The digest of a request, by which a repeat is known. Its id and its trace do not count. */
function digestOf({ requestId, headers, ...content }: RequestedWorkflow): string {
  const context = headers === undefined ? null : withoutTrace(JSON.stringify(headers));
  const text = JSON.stringify(context === null ? content : { ...content, headers: context }, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(payloadContent(value)).toString("base64") : value,
  );
  return createHash("sha256").update(text).digest("base64url");
}
