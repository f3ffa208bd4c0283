import { status as statusCode } from "@grpc/grpc-js";
import { type Workflow, WorkflowState } from "../../../gen/sitq/v1/workflow_service_pb.js";
import { deadline } from "../../async/deadline.ts";
import { CallError } from "../../grpc/client/call-error.ts";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import type { SitqClient } from "../connection/connection.ts";
import { retryCall } from "../connection/retry-call.ts";
import { assertUndamaged } from "../errors/data-loss.ts";
import { WorkflowFailedError } from "../errors/errors.ts";
import { readResult } from "../errors/read-result.ts";
import { type AwaitOptions, awaitEnd } from "../tasks/await-end.ts";
import { whyWorkflowWaits } from "../tasks/why-it-waits.ts";
import { fromPayload } from "../values/payload.ts";
import type { WorkflowHandle } from "./start-workflow.ts";
import { watchWorkflow } from "./watch-workflow.ts";
import type { StepResults } from "./workflow-definition.ts";

/** How long a workflow is waited for. */
export interface AwaitWorkflowOptions extends AwaitOptions {
  /** How long the server may be out of reach, in milliseconds. Default 60,000. */
  readonly retryTimeoutMs?: number;
}

const optionNames: OptionNames<AwaitWorkflowOptions> = { timeoutMs: true, signal: true, retryTimeoutMs: true };

/** A workflow that is completed. */
export interface CompletedWorkflow<Results extends StepResults> {
  /** What its steps answered, by step id. */
  readonly results: Results;
  /** All of it. */
  readonly workflow: Workflow;
}

/**
 * Waits until a workflow is at rest, through restarts of the server.
 *
 * @param started what `startWorkflow` answered; or an id, whose results are then read as plain values
 * @throws WorkflowFailedError if it is not COMPLETED, after its compensations; CallError DEADLINE_EXCEEDED after `timeoutMs`,
 *   NOT_FOUND, DATA_LOSS if a result is damaged on the server's disk; the signal's reason; PayloadMismatchError
 */
export async function awaitWorkflow<Results extends StepResults = StepResults>(
  client: Pick<SitqClient, "workflow" | "queue" | "outages">,
  started: WorkflowHandle<Results> | string,
  options: AwaitWorkflowOptions = {},
): Promise<CompletedWorkflow<Results>> {
  refuseUnknown(options, optionNames);
  const { timeoutMs, signal, retryTimeoutMs = 60_000 } = options;
  const workflowId = typeof started === "string" ? started : started.id;
  const tries = client.outages.follow(`the wait for the workflow ${workflowId}`);

  async function look(leftMs: number): Promise<Workflow | null> {
    const limit = deadline(leftMs, signal);
    try {
      for await (const _ of watchWorkflow(client, workflowId, { retryTimeoutMs, signal: limit.signal }));
      signal?.throwIfAborted();
      if (limit.isOver) return await lastLook(client, workflowId, signal);
    } finally {
      limit.release();
    }
    const call = () => client.workflow.getWorkflow({ workflowId }, { timeoutMs: 10_000, signal });
    const { workflow } = await retryCall(call, { tries, timeoutMs: retryTimeoutMs, signal });
    if (workflow !== undefined) return workflow;
    throw new CallError(`The server answered without the workflow ${workflowId}.`, { code: statusCode.INTERNAL });
  }

  const workflow = await awaitEnd(
    {
      look,
      endOf: (found) => (found?.finishTime === undefined ? null : found),
      async notEnded(found) {
        const why = found === null ? "" : await whyWorkflowWaits(client, found, signal);
        const text = `The workflow ${workflowId} was not at rest within ${timeoutMs} ms${why === "" ? "" : `: ${why}`}.`;
        const reason = "WORKFLOW_NOT_FINISHED";
        return new CallError(text, { code: statusCode.DEADLINE_EXCEEDED, reason, metadata: { why } });
      },
    },
    options,
  );
  if (workflow.state !== WorkflowState.COMPLETED) throw new WorkflowFailedError(workflow);
  return { results: resultsOf(started, workflow), workflow };
}

function resultsOf<Results extends StepResults>(
  started: WorkflowHandle<Results> | string,
  { id, steps, damagedFields }: Workflow,
): Results {
  assertUndamaged(damagedFields, "steps", `The plan of the workflow ${id}`);
  const results = steps.map(({ stepId, result, damagedFields: damaged }) => {
    assertUndamaged(damaged, "result", `The result of the step ${stepId} of the workflow ${id}`);
    const value =
      typeof started === "string"
        ? fromPayload(result)
        : readResult(`the step ${stepId} of the workflow ${id}`, () => started.definition.decodeResult(stepId, result));
    return [stepId, value] as const;
  });
  // Each was read by the definition of its step.
  return Object.fromEntries(results) as Results;
}

/** How long the last look at the workflow may take, in milliseconds. */
const lookTimeoutMs = 1_000;

/** The workflow when the time is over; `null`: the server does not answer. */
async function lastLook(
  client: Pick<SitqClient, "workflow">,
  workflowId: string,
  signal: AbortSignal | undefined,
): Promise<Workflow | null> {
  const call = { timeoutMs: lookTimeoutMs, signal };
  return client.workflow.getWorkflow({ workflowId }, call).then(
    ({ workflow }) => workflow ?? null,
    () => null,
  );
}
