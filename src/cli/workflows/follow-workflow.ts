import { awaitWorkflow, CallError, WorkflowFailedError } from "../../client/index.ts";
import { formatDuration } from "../../contract/duration.ts";
import { CommandFailure } from "../command/command-failure.ts";
import { exitCodes } from "../command/exit-codes.ts";
import type { Session } from "../command/session.ts";
import { printable } from "../terminal/printable.ts";
import { printWorkflow, workflowNotCompleted } from "./print-workflow.ts";

/**
 * Waits until a workflow is at rest, through a restart of the server, and prints it.
 *
 * @param timeoutMs how long; `undefined`: no limit
 * @throws CommandFailure with `timedOut` if it is not at rest by then, with `notCompleted` if it ended otherwise
 */
export async function follow(session: Session, workflowId: string, timeoutMs?: number): Promise<void> {
  try {
    const { workflow } = await awaitWorkflow(session.client, workflowId, timeoutMs === undefined ? {} : { timeoutMs });
    await printWorkflow(session, workflow);
  } catch (error) {
    if (error instanceof WorkflowFailedError) {
      await printWorkflow(session, error.workflow);
      throw workflowNotCompleted(error.workflow);
    }
    if (error instanceof CallError && error.reason === "WORKFLOW_NOT_FINISHED") {
      const { why = "" } = error.metadata;
      const text = `the workflow ${workflowId} is not at rest after ${formatDuration(timeoutMs ?? 0)}${why && `: ${why}`}`;
      throw new CommandFailure(printable(text), {
        exitCode: exitCodes.timedOut,
        hint: `See its progress: sitq workflows show ${workflowId}`,
        cause: error,
      });
    }
    throw error;
  }
}
