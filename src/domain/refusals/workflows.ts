/** What is refused of workflows. */

import { quoted, SitqError } from "../errors.ts";

/** No workflow has the id. */
export function workflowNotFound(id: string): SitqError {
  return new SitqError("WORKFLOW_NOT_FOUND", `There is no workflow ${quoted(id)}.`, {
    field: "workflow_id",
    metadata: { workflow_id: id },
  });
}

/** The workflow has ended. @param deed what cannot be done with it any more */
export function workflowFinished(id: string, state: string, deed: "cancelled" | "executed"): SitqError {
  return new SitqError("WORKFLOW_FINISHED", `The workflow ${id} is ${state}: it can no longer be ${deed}.`, {
    field: "workflow_id",
    metadata: { state },
  });
}

/** What is looked at to retry a workflow. */
export interface RestingWorkflow {
  readonly state: string;
  readonly compensation: string;
  /** `null`: it has not ended. */
  readonly finishMs: number | null;
}

/** The workflow is not at rest, is completed, or its steps have been undone. */
export function workflowNotRetryable(id: string, { state, compensation, finishMs }: RestingWorkflow): SitqError {
  const why = compensation === "completed" ? "its steps have been undone" : `it is ${state}`;
  const text = finishMs === null ? `The workflow ${id} is not at rest.` : `The workflow ${id} cannot go on: ${why}.`;
  return new SitqError("WORKFLOW_NOT_RETRYABLE", text, { field: "workflow_id", metadata: { state, compensation } });
}

/** What a workflow is started with is larger than one may be. */
export function workflowTooLarge(bytes: number, maxBytes: number): SitqError {
  return new SitqError(
    "PAYLOAD_TOO_LARGE",
    `steps: their parameters and the input have ${bytes} bytes together; at most ${maxBytes} are allowed. Store them elsewhere and send their address.`,
    { field: "steps", metadata: { max_bytes: String(maxBytes) } },
  );
}
