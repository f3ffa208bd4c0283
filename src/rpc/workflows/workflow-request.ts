import type {
  ListWorkflowsRequest,
  StartWorkflowRequest,
  WorkflowStep as WireStep,
} from "../../../gen/sitq/v1/workflow_service_pb.js";
import { limits } from "../../contract/limits.ts";
import type { WorkflowFilter } from "../../domain/workflows/workflow.ts";
import type { RequestedStep, RequestedWorkflow } from "../../workflows/workflow-request.ts";
import {
  checkCount,
  parseInteger,
  parseOptionalText,
  parseQueueName,
  parseRequestId,
  parseStoredId,
  parseStringMap,
  parseTaskType,
  parseText,
} from "../convert/checks.ts";
import { fromPayload, type PayloadRules } from "../convert/payload.ts";
import { ownRequestId } from "../convert/request-id.ts";
import { fromRetryPolicy } from "../convert/retry-policy.ts";
import { fromDuration, fromTimestamp } from "../convert/times.ts";
import { converted, refuseField, under } from "../convert/violations.ts";
import { fromWorkflowStates } from "./workflow.ts";

const defaultRetries = 3;
const stepIdPattern = /^[A-Za-z][A-Za-z0-9_]*$/;

/** What the conversion has to know. */
export interface StartRules {
  readonly maxPayloadBytes: number;
  /** The name of the principal that asks; empty: authentication is off. */
  readonly principal: string;
}

/** The workflow that a request asks for; what its steps refer to is not looked at. @throws SitqError with the field's path */
export function fromStartRequest(request: StartWorkflowRequest, rules: StartRules): RequestedWorkflow {
  return converted(() => toRequestedWorkflow(request, rules));
}

function toRequestedWorkflow(
  request: StartWorkflowRequest,
  { maxPayloadBytes, principal }: StartRules,
): RequestedWorkflow {
  const id = parseRequestId("request_id", request.requestId);
  const rules = { maxBytes: maxPayloadBytes, canonical: id !== null };
  if (request.steps.length === 0) refuseField("steps", "at least one is required");
  checkCount("steps", request.steps.length, limits.workflowSteps, "steps");
  const headers = parseStringMap("headers", request.headers);
  return {
    name: parseTaskType("name", request.name),
    steps: request.steps.map((step, index) => under(`steps[${index}]`, () => fromStep(step, rules))),
    input: fromPayload("input", request.input, rules),
    correlationId: parseOptionalText("correlation_id", request.correlationId, limits.correlationIdBytes),
    sourceService: parseOptionalText("source_service", request.sourceService, limits.serviceBytes),
    requestId: ownRequestId(id, principal),
    ...(headers !== null && { headers }),
    ...(request.pending && { awaitsExecution: true }),
  };
}

function fromStep(step: WireStep, rules: PayloadRules): RequestedStep {
  checkCount("depends_on", step.dependsOn.length, limits.workflowSteps, "steps");
  return {
    stepId: stepId("step_id", step.stepId),
    service: parseQueueName("service_name", step.serviceName),
    action: parseTaskType("action", step.action),
    parameters: fromPayload("parameters", step.parameters, rules),
    dependsOn: step.dependsOn,
    maxAttempts: 1 + parseInteger("max_retries", step.maxRetries ?? defaultRetries, 0, limits.maxRetries),
    retryPolicy: step.retryPolicy === undefined ? null : fromRetryPolicy("retry_policy", step.retryPolicy),
    attemptTimeoutMs: fromDuration("timeout", step.timeout, 1, limits.attemptTimeoutMs),
    compensateWith: step.compensateWith === "" ? null : parseTaskType("compensate_with", step.compensateWith),
  };
}

function stepId(field: string, value: string): string {
  if (value === "") refuseField(field, "is required");
  else if (value.length > limits.stepIdLength) {
    refuseField(field, `has ${value.length} characters; at most ${limits.stepIdLength} are allowed`, value);
  } else if (!stepIdPattern.test(value)) {
    refuseField(field, "may hold letters, digits and '_', the first a letter", value);
  }
  return value;
}

/** The id of a workflow; whether there is such a workflow is the store's to say. */
export function workflowId(value: string): string {
  return parseStoredId("workflow_id", value);
}

/** How long the workflows are stuck that are meant, in milliseconds; `null`: whether they are or not. @throws SitqError with the field's path */
export function stuckForOf(filter: ListWorkflowsRequest["filter"]): number | null {
  return fromDuration("filter.stuck_for", filter?.stuckFor, 1_000, limits.stateAgeMs);
}

/** Which workflows are meant. @throws SitqError with the field's path */
export function fromWorkflowFilter(filter: ListWorkflowsRequest["filter"]): WorkflowFilter {
  const correlationId = filter?.correlationId ?? "";
  return {
    name: filter?.name ? parseTaskType("filter.name", filter.name) : null,
    states: fromWorkflowStates("filter.states", filter?.states ?? []),
    correlationId: parseText("filter.correlation_id", correlationId, limits.correlationIdBytes) || null,
    createdAfterMs: fromTimestamp("filter.created_after", filter?.createdAfter),
    createdBeforeMs: fromTimestamp("filter.created_before", filter?.createdBefore),
  };
}
