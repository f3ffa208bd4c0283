import type { JsonObject } from "@bufbuild/protobuf";
import type { WorkflowStep } from "../../client/index.ts";
import {
  type Compensation,
  CompensationSchema,
  type Workflow,
  WorkflowSchema,
  WorkflowStepSchema,
} from "../../client/index.ts";
import { messageJson } from "../terminal/json.ts";
import { payloadJson } from "../terminal/payload-text.ts";

/** A whole workflow in Protobuf's JSON. */
export function workflowJson({ steps, input, ...rest }: Workflow): JsonObject {
  const { steps: _, ...facts } = messageJson(WorkflowSchema, { ...rest, steps: [] });
  return { ...facts, ...(input && { input: payloadJson(input) }), steps: steps.map(stepJson) };
}

function stepJson({ parameters, result, compensation, ...rest }: WorkflowStep): JsonObject {
  return {
    ...messageJson(WorkflowStepSchema, rest),
    ...(parameters && { parameters: payloadJson(parameters) }),
    ...(result && { result: payloadJson(result) }),
    ...(compensation && { compensation: compensationJson(compensation) }),
  };
}

function compensationJson({ result, ...rest }: Compensation): JsonObject {
  return { ...messageJson(CompensationSchema, rest), ...(result && { result: payloadJson(result) }) };
}

/** A workflow of which the server did not send steps and input: they are not there, rather than empty. */
export function workflowSummaryJson(workflow: Workflow): JsonObject {
  const { steps, ...rest } = messageJson(WorkflowSchema, workflow);
  return rest;
}
