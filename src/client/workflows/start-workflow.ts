import { create } from "@bufbuild/protobuf";
import { StartWorkflowRequestSchema } from "../../../gen/sitq/v1/workflow_service_pb.js";
import { withTrace } from "../../contract/trace-context.ts";
import { checked } from "../../grpc/client/invalid.ts";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import type { SitqClient } from "../connection/connection.ts";
import { createRequestIds } from "../connection/request-ids.ts";
import { retryCall } from "../connection/retry-call.ts";
import { spanning, startSend } from "../tracing/send-span.ts";
import { toPayload } from "../values/payload.ts";
import type { StepResults, WorkflowDefinition } from "./workflow-definition.ts";

/** What can be said of one start. */
export interface StartWorkflowOptions {
  /** What its steps' expressions call `input`: a JSON value, a Uint8Array, or nothing. */
  readonly input?: unknown;
  /** The headers of its tasks, those of compensations too: what rides along unread. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Ties together what belongs together. Default: the workflow's id. */
  readonly correlationId?: string;
  /** Makes the start safe to repeat, also by another process. Default: one of the SDK's own. */
  readonly requestId?: string;
  /** How long it is repeated when the server is out of reach or its answer is lost, in milliseconds. Default 30,000. */
  readonly retryTimeoutMs?: number;
  /** How long one call may take before it is repeated, in milliseconds. Default 10,000. */
  readonly callTimeoutMs?: number;
  /** Ends the repeating. */
  readonly signal?: AbortSignal;
}

const optionNames: OptionNames<StartWorkflowOptions> = {
  input: true,
  headers: true,
  correlationId: true,
  requestId: true,
  retryTimeoutMs: true,
  callTimeoutMs: true,
  signal: true,
};

/** A workflow that is on the server's disk. */
export interface WorkflowHandle<Results extends StepResults> {
  readonly id: string;
  /** This start stored it. False: it was there already, by `requestId`. */
  readonly created: boolean;
  readonly requestId: string;
  readonly correlationId: string;
  readonly definition: WorkflowDefinition<Results>;
}

const nextRequestId = createRequestIds();

/**
 * Starts a workflow; when it answers, the workflow is on the server's disk. It may repeat the call: a repeat starts no second one.
 *
 * @throws CallError INVALID_ARGUMENT with the field's path, or whatever else the server refuses
 */
export function startWorkflow<Results extends StepResults>(
  client: WorkflowClient,
  definition: WorkflowDefinition<Results>,
  options: StartWorkflowOptions = {},
): Promise<WorkflowHandle<Results>> {
  return store(client, definition, options, false);
}

/**
 * Stores a workflow as `startWorkflow` does, without starting it: it is PENDING until `executeWorkflow`.
 *
 * @throws CallError as `startWorkflow`
 */
export function createWorkflow<Results extends StepResults>(
  client: WorkflowClient,
  definition: WorkflowDefinition<Results>,
  options: StartWorkflowOptions = {},
): Promise<WorkflowHandle<Results>> {
  return store(client, definition, options, true);
}

/** How long and how often the execution is asked for. */
export type ExecuteWorkflowOptions = Pick<StartWorkflowOptions, "retryTimeoutMs" | "callTimeoutMs" | "signal">;

const executeOptionNames: OptionNames<ExecuteWorkflowOptions> = {
  retryTimeoutMs: true,
  callTimeoutMs: true,
  signal: true,
};

/**
 * Lets a workflow begin that `createWorkflow` stored. It may repeat the call, as its caller may: a repeat changes nothing.
 *
 * @returns whether this call let it begin; false: it had begun before
 * @throws CallError WORKFLOW_NOT_FOUND; WORKFLOW_FINISHED: it was cancelled
 */
export async function executeWorkflow(
  client: WorkflowClient,
  workflow: string | { readonly id: string },
  options: ExecuteWorkflowOptions = {},
): Promise<boolean> {
  refuseUnknown(options, executeOptionNames);
  const { retryTimeoutMs = 30_000, callTimeoutMs = 10_000, signal } = options;
  const workflowId = typeof workflow === "string" ? workflow : workflow.id;
  let tries = 0;
  const call = () => {
    tries++;
    return client.workflow.executeWorkflow({ workflowId }, { timeoutMs: callTimeoutMs, signal });
  };
  const follower = client.outages.follow("the execution of a workflow");
  const { executed } = await retryCall(call, { tries: follower, timeoutMs: retryTimeoutMs, signal });
  // What a repeat finds begun is what the first try let begin.
  return executed || tries > 1;
}

type WorkflowClient = Pick<SitqClient, "workflow" | "service" | "outages" | "address" | "log">;

async function store<Results extends StepResults>(
  client: WorkflowClient,
  definition: WorkflowDefinition<Results>,
  options: StartWorkflowOptions,
  pending: boolean,
): Promise<WorkflowHandle<Results>> {
  refuseUnknown(options, optionNames);
  const { headers, correlationId } = options;
  const sent = () => ({ destination: definition.name, headers, correlationId });
  return spanning(startSend(client, definition, sent), async (span) => {
    const trace = span?.headersOf(0);
    const traced = trace ? { ...options, headers: withTrace(headers, trace) } : options;
    const handle = await storeOnce(client, definition, traced, pending);
    span?.answered(0, handle.id, null);
    return handle;
  });
}

async function storeOnce<Results extends StepResults>(
  client: WorkflowClient,
  definition: WorkflowDefinition<Results>,
  options: StartWorkflowOptions,
  pending: boolean,
): Promise<WorkflowHandle<Results>> {
  const { input, headers = {}, correlationId = "", retryTimeoutMs = 30_000, callTimeoutMs = 10_000, signal } = options;
  const requestId = options.requestId ?? nextRequestId();
  const request = create(StartWorkflowRequestSchema, {
    name: definition.name,
    steps: definition.toSteps(),
    input: checked("input", () => toPayload(input)),
    headers: { ...headers },
    correlationId,
    requestId,
    sourceService: client.service,
    pending,
  });
  let tries = 0;
  const call = () => {
    tries++;
    return client.workflow.startWorkflow(request, { timeoutMs: callTimeoutMs, signal });
  };
  const { workflow, created } = await retryCall(call, {
    tries: client.outages.follow("the start of a workflow"),
    timeoutMs: retryTimeoutMs,
    signal,
  });
  // A generated request id is unique: what a retry finds was stored by the first try.
  const isOwn = created || (options.requestId === undefined && tries > 1);
  return {
    id: workflow?.id ?? "",
    created: isOwn,
    requestId,
    correlationId: workflow?.correlationId ?? "",
    definition,
  };
}
