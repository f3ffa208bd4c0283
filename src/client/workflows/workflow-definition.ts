import { create } from "@bufbuild/protobuf";
import type { Payload } from "../../../gen/sitq/v1/payload_pb.js";
import { type WorkflowStep, WorkflowStepSchema } from "../../../gen/sitq/v1/workflow_service_pb.js";
import { checked, invalid } from "../../grpc/client/invalid.ts";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import { spanOf } from "../options/spans.ts";
import { type AnyDefinition, type RetryPolicyOptions, retryPolicyOf } from "../tasks/new-task.ts";
import { plainTask, type TaskDefinition } from "../tasks/task-definition.ts";
import { fromPayload } from "../values/payload.ts";

/** A value in which any part may be an expression: `${ input.total * 2 }`. */
export type Templated<T> =
  | string
  | (T extends object ? { readonly [K in keyof T]: Templated<T[K]> } : T)
  | (unknown extends T ? unknown : never);

/** What can be said of a step. The bounds are those of `sitq.v1.WorkflowStep`. */
export interface StepOptions<Earlier extends string = string> {
  /** The steps that have to be completed first. Default: none. */
  readonly dependsOn?: readonly Earlier[];
  /** The service that does it. Default: the queue of its definition. */
  readonly service?: string;
  /** How often a failed attempt is repeated. Default 3. */
  readonly maxRetries?: number;
  /** The delay between attempts. Default: the queue's. */
  readonly retryPolicy?: RetryPolicyOptions;
  /** How long one attempt may run, in milliseconds. Default: the queue's. */
  readonly timeoutMs?: number;
  /** What undoes it: a type of task, or its definition. Default: there is nothing to undo. */
  readonly compensateWith?: string | AnyDefinition;
}

const stepOptionNames: OptionNames<StepOptions> = {
  dependsOn: true,
  service: true,
  maxRetries: true,
  retryPolicy: true,
  timeoutMs: true,
  compensateWith: true,
};

/** What a workflow's steps answer, by step id. */
export type StepResults = Readonly<Record<string, unknown>>;

/** A workflow with the types of its steps' results. It can be started any number of times; `step` answers a new one. */
export interface WorkflowDefinition<Results extends StepResults> {
  readonly name: string;
  /** The ids of its steps, in their order. */
  readonly stepIds: readonly string[];
  /**
   * The same workflow with one more step, which is done by the queue of its definition, or by `options.service`.
   *
   * @throws CallError INVALID_ARGUMENT if no service is given for a step, or a value cannot be encoded
   */
  step<Id extends string, I, R>(
    stepId: Id,
    task: TaskDefinition<I, unknown, never, R>,
    parameters: Templated<I>,
    options?: StepOptions<Extract<keyof Results, string>>,
  ): WorkflowDefinition<Results & Readonly<Record<Id, R>>>;
  step<Id extends string>(
    stepId: Id,
    action: string,
    parameters: unknown,
    options: StepOptions<Extract<keyof Results, string>> & { readonly service: string },
  ): WorkflowDefinition<Results & Readonly<Record<Id, unknown>>>;
  /** The steps as the contract has them. */
  toSteps(): WorkflowStep[];
  /** Reads the result of a step. @throws PayloadMismatchError if it does not match the step's definition */
  decodeResult(stepId: string, result: Payload | undefined): unknown;
}

interface PlannedStep {
  readonly stepId: string;
  readonly definition: AnyDefinition;
  readonly service: string;
  readonly parameters: Payload;
  readonly options: StepOptions;
}

/** A workflow without steps: `workflow("place-order").step(…).step(…)`. */
export function workflow(name: string): WorkflowDefinition<Readonly<Record<never, never>>> {
  return definitionOf(name, []);
}

function definitionOf<Results extends StepResults>(
  name: string,
  steps: readonly PlannedStep[],
): WorkflowDefinition<Results> {
  return {
    name,
    stepIds: steps.map(({ stepId }) => stepId),

    step(stepId: string, task: AnyDefinition | string, parameters: unknown, options: StepOptions = {}) {
      const definition = typeof task === "string" ? plainTask(task) : task;
      const field = `steps[${steps.length}]`;
      if (definition?.input === undefined) throw invalid(`${field}.action`, "is required: a text, or a definition");
      refuseUnknown(options, stepOptionNames);
      const service = options.service ?? definition.queue;
      if (service === null) {
        throw invalid(`${field}.service_name`, `Neither the step nor the definition of ${definition.type} names one.`);
      }
      // Where the type allows an expression, the codec of JSON takes it as the text that it is.
      const encoded = checked(`${field}.parameters`, () => definition.input.encode(parameters as never));
      return definitionOf(name, [...steps, { stepId, definition, service, parameters: encoded, options }]);
    },

    toSteps: () => steps.map(toStep),

    decodeResult(stepId, result) {
      const step = steps.find((each) => each.stepId === stepId);
      return step === undefined ? fromPayload(result) : step.definition.result.decode(result);
    },
  };
}

function toStep({ stepId, definition, service, parameters, options }: PlannedStep, index: number): WorkflowStep {
  const { dependsOn = [], maxRetries, retryPolicy, timeoutMs, compensateWith = "" } = options;
  const field = `steps[${index}]`;
  return create(WorkflowStepSchema, {
    stepId,
    serviceName: service,
    action: definition.type,
    parameters,
    dependsOn: [...dependsOn],
    compensateWith: typeof compensateWith === "string" ? compensateWith : compensateWith.type,
    ...(maxRetries !== undefined && { maxRetries }),
    ...(retryPolicy && { retryPolicy: retryPolicyOf(`${field}.retry_policy`, retryPolicy) }),
    ...(timeoutMs !== undefined && { timeout: spanOf(`${field}.timeout`, timeoutMs) }),
  });
}
