import type { Workflow, WorkflowChange } from "../../../gen/sitq/v1/workflow_service_pb.js";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import type { SitqClient } from "../connection/connection.ts";
import { isRetryable } from "../connection/is-retryable.ts";
import { reconnecting } from "../connection/reconnecting.ts";

/** How a workflow is watched. */
export interface WatchWorkflowOptions {
  /** How long the server may be out of reach, in milliseconds. Default 60,000. */
  readonly retryTimeoutMs?: number;
  /** Ends it: the loop is left without an error. */
  readonly signal?: AbortSignal | undefined;
}

const optionNames: OptionNames<WatchWorkflowOptions> = { retryTimeoutMs: true, signal: true };

/** What a watch tells: the workflow as it stands, at first and after each reconnect, or what changed since. */
export type WorkflowUpdate =
  | { readonly workflow: Workflow; readonly changes: readonly [] }
  | { readonly workflow: null; readonly changes: readonly WorkflowChange[] };

/**
 * Follows a workflow until it is at rest, through restarts of the server: after one, it begins again with the workflow as it
 * stands.
 *
 * @throws CallError NOT_FOUND, or the last failure if the server is out of reach for too long
 */
export async function* watchWorkflow(
  client: Pick<SitqClient, "workflow" | "outages">,
  workflowId: string,
  options: WatchWorkflowOptions = {},
): AsyncGenerator<WorkflowUpdate, void> {
  refuseUnknown(options, optionNames);
  const { retryTimeoutMs = 60_000, signal } = options;
  const open = () => client.workflow.watchWorkflow({ workflowId }, { signal });
  const updates = reconnecting(signal, open, {
    tries: client.outages.follow(`the watch of the workflow ${workflowId}`),
    isFinal: (error) => !isRetryable(error),
    backoff: { capMs: 5_000 },
    retryTimeoutMs,
  });
  for await (const { workflow, changes } of updates) {
    if (workflow !== undefined) yield { workflow, changes: [] };
    if (changes.length > 0) yield { workflow: null, changes };
  }
}
