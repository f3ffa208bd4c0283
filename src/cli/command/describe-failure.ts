import { CallError } from "../../client/index.ts";
import { formatDuration } from "../../contract/duration.ts";
import { CommandFailure, type CommandFailureInit } from "./command-failure.ts";
import { exitCodes } from "./exit-codes.ts";

/**
 * What a person is told of a failed call. A CommandFailure stays itself, and what is no failure of a call stays as it was
 * thrown: it is a bug.
 *
 * @param address where the server was looked for
 */
export function describeFailure(error: unknown, address: string): unknown {
  return error instanceof CallError ? callFailure(error, address) : error;
}

/** The failure of one call. */
export function callFailure(error: CallError, address: string): CommandFailure {
  const { message, reason, unreached } = error;
  if (unreached !== null) return unreachable(address, unreached.why, error);
  const init = initOf(error, address);
  const text = reason === null ? `${message || "no reason was given"} (${error.codeName})` : `${message} (${reason})`;
  return new CommandFailure([text, ...error.others.map((each) => each.message)].join("\n"), init);
}

/** The failure of not reaching the server. @param why in a few words */
export function unreachable(address: string, why: string, cause: unknown): CommandFailure {
  const init = { exitCode: exitCodes.unreachable, hint: unreachableHint, cause };
  return new CommandFailure(`cannot reach the server at ${address}: ${why}`, init);
}

function initOf(error: CallError, address: string): CommandFailureInit {
  const { codeName, reason, retryAfterMs } = error;
  const hint = reason === null ? undefined : hints.get(reason);
  switch (codeName) {
    case "INVALID_ARGUMENT":
    case "OUT_OF_RANGE":
      return { exitCode: exitCodes.usage, hint, cause: error };
    case "NOT_FOUND":
      return { exitCode: exitCodes.notFound, hint, cause: error };
    case "ALREADY_EXISTS":
    case "FAILED_PRECONDITION":
    case "ABORTED":
    case "RESOURCE_EXHAUSTED": {
      const wait =
        retryAfterMs === null ? undefined : `Try again in ${formatDuration(Math.ceil(retryAfterMs / 1_000) * 1_000)}.`;
      return { exitCode: exitCodes.refused, hint: hint ?? wait, cause: error };
    }
    case "DEADLINE_EXCEEDED":
      return { exitCode: exitCodes.failed, hint, cause: error };
    case "UNAVAILABLE":
      if (reason === "DRAINING") return { exitCode: exitCodes.unreachable, hint, cause: error };
      return { exitCode: exitCodes.failed, hint, cause: error };
    case "UNIMPLEMENTED":
      return { hint: `Is ${address} a sitq server, of this version (sitq version)?`, cause: error };
    default:
      return { hint, cause: error };
  }
}

const unreachableHint =
  "Is the server running? Start one: sitq serve. If it is elsewhere: --address HOST:PORT, or SITQ_ADDRESS.";

/** What to do next, by the reason of the refusal. */
const hints: ReadonlyMap<string, string> = new Map(
  Object.entries({
    TASK_NOT_FOUND: "Finished tasks are deleted when their queue's retention is over. What there is: sitq list",
    QUEUE_NOT_FOUND:
      "A queue is created by its first task or worker, or by sitq set QUEUE --create. What there is: sitq queues",
    WORKFLOW_NOT_FOUND: "Workflows are deleted when their retention is over. What there is: sitq workflows",
    WORKER_NOT_FOUND: "What there is: sitq workers",
    SERVICE_NOT_FOUND: "What there is: sitq services, sitq instances",
    INSTANCE_NOT_FOUND: "What there is: sitq instances --unhealthy",
    NO_HEALTHY_INSTANCE: "When they were last heard of: sitq instances --unhealthy",
    REQUEST_ID_REUSED: "This --request-id was used before, for something else: take a new one.",
    EVENT_NOT_FOUND: "Events are deleted when their retention is over. What there is: sitq events",
    EVENT_ID_REUSED: "Its source published another event with this --id: see sitq event ID, or take a new one.",
    SUBSCRIPTION_NOT_FOUND: "What there is: sitq subscriptions",
    SUBSCRIPTION_EXISTS: "How it is: sitq subscription show NAME",
    POSITION_EXPIRED: "Begin at what is still kept, --from earliest, and know that some events are missing.",
    DUPLICATE_TASK: "Find the unfinished task with this key: sitq list --state pending --state running",
    TASK_RUNNING: "Cancel it first: sitq cancel ID",
    TASK_FINISHED: "See how it ended: sitq get ID",
    TASK_NOT_RETRYABLE: "Only what is FAILED or CANCELLED, or waits for a retry, can be put back.",
    TASK_IN_WORKFLOW: "A step goes with its workflow: sitq workflows show ID, sitq workflows retry ID",
    WORKFLOW_FINISHED: "See how it ended: sitq workflows show ID",
    WORKFLOW_NOT_RETRYABLE:
      "Only what is FAILED or CANCELLED, at rest, and not undone, can go on: sitq workflows show ID",
    QUEUE_FULL: "Work it off, or let it hold more: sitq set QUEUE --max-depth NUMBER",
    BACKUP_RUNNING: "Another backup is being made. Try again when it has ended.",
    DATA_LOSS: "Look at the disk. Keep the last backup, and restore it.",
    DISK_LOW: "Make room on the server's disk. What is done, cancelled or deleted meanwhile is still taken.",
    DISK_FULL: "Make room on the server's disk.",
    DRAINING: "The server is stopping. Try again in a moment.",
    STORE_FAILED: "The server could not write its data; its log says why.",
    INTERNAL: "The server's log says why.",
  }),
);
