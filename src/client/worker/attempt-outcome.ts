import { inspect } from "node:util";
import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { Payload } from "../../../gen/sitq/v1/payload_pb.js";
import { TaskErrorSchema } from "../../../gen/sitq/v1/task_pb.js";
import { type Outcome, Outcome_FailedSchema, Outcome_ReleasedSchema } from "../../../gen/sitq/v1/worker_service_pb.js";
import { limits } from "../../contract/limits.ts";
import { PayloadMismatchError, ReleaseError, RetryLaterError, TerminalError } from "../errors/errors.ts";

/** How an attempt ended, as reported to the server. */
export type AttemptOutcome = Outcome["outcome"];

/** The work is done. @param traceparent of the span in which a step was processed; empty: none is reported */
export function completed(result: Payload, traceparent = ""): AttemptOutcome {
  return { case: "completed", value: { $typeName: "sitq.v1.Outcome.Completed", result, traceparent } };
}

/** The task is given back. @param delayMs when it is offered again; `null`: at once. @param reason why; empty: a shutdown */
export function released(delayMs: number | null, reason = ""): AttemptOutcome {
  const value = create(Outcome_ReleasedSchema);
  value.reason = reason;
  if (delayMs !== null) value.delay = delayOf(delayMs);
  return { case: "released", value };
}

/** The attempt failed, and no other is to follow. */
export function failedForGood(message: string, type: string, stackTrace = ""): AttemptOutcome {
  const value = create(Outcome_FailedSchema);
  value.error = errorOf(message, type, stackTrace);
  value.terminal = true;
  return { case: "failed", value };
}

/** What a handler said by throwing. */
export function outcomeOfThrown(thrown: unknown): AttemptOutcome {
  if (thrown instanceof ReleaseError) return released(thrown.delayMs);
  const value = create(Outcome_FailedSchema);
  if (!(thrown instanceof Error)) {
    value.error = errorOf(typeof thrown === "string" ? thrown : inspect(thrown), typeof thrown, "");
    return { case: "failed", value };
  }
  value.error = errorOf(thrown.message || thrown.name, typeOf(thrown), stackOf(thrown));
  value.terminal = thrown instanceof TerminalError || thrown instanceof PayloadMismatchError;
  if (thrown instanceof RetryLaterError) value.retryDelay = delayOf(thrown.delayMs);
  return { case: "failed", value };
}

function typeOf(error: Error): string {
  if (error instanceof PayloadMismatchError) return "PAYLOAD_MISMATCH";
  return error instanceof TerminalError || error instanceof RetryLaterError ? error.type : error.name;
}

/** The stack with those of the causes: what was caught on the way says more than where it was wrapped. */
function stackOf(error: Error): string {
  const stacks: string[] = [];
  let each: unknown = error;
  while (each instanceof Error && stacks.length < 5) {
    stacks.push(each.stack ?? String(each));
    each = each.cause;
  }
  return stacks.join("\nCaused by: ");
}

function errorOf(message: string, type: string, stackTrace: string) {
  const error = create(TaskErrorSchema);
  // The server cuts them too; here it is so that no error grows larger than a message.
  error.message = message.slice(0, limits.errorMessageBytes);
  error.type = type.slice(0, limits.errorTypeBytes);
  error.stackTrace = stackTrace.slice(0, limits.errorStackBytes);
  return error;
}

function delayOf(delayMs: number) {
  const ms = Math.round(delayMs);
  return durationFromMs(Number.isNaN(ms) ? 0 : Math.min(Math.max(ms, 0), limits.retryDelayMs));
}
