import { randomUUID } from "node:crypto";
import type { TaskProgress as WireProgress } from "../../../gen/sitq/v1/task_pb.js";
import type {
  CompleteTaskRequest,
  FailTaskRequest,
  ReleaseTaskRequest,
  Outcome as WireOutcome,
  WorkRequest_Hello,
  WorkRequest_Progress,
} from "../../../gen/sitq/v1/worker_service_pb.js";
import { limits } from "../../contract/limits.ts";
import { parseTraceContext, traceFields, traceHeaders } from "../../contract/trace-context.ts";
import type { Principal } from "../../domain/access/principal.ts";
import { invalidField, SitqError } from "../../domain/errors.ts";
import type { Lease } from "../../domain/lease.ts";
import type { OutcomeReport, ProgressReport } from "../../domain/tasks/outcome.ts";
import type { ReportedOutcome } from "../../queue/workers/reported-outcomes.ts";
import type { Hello, ReportedProgress } from "../../queue/workers/worker-channel.ts";
import {
  checkCount,
  cutText,
  parseIncarnation,
  parseInteger,
  parseOptionalAddress,
  parseQueueName,
  parseQueueNames,
  parseStringMap,
  parseTaskId,
  parseTaskTypes,
} from "../convert/checks.ts";
import { fromPayload, type PayloadRules } from "../convert/payload.ts";
import { fromTaskError } from "../convert/task.ts";
import { fromDuration } from "../convert/times.ts";
import { parseOwnWorkerId } from "../convert/worker-id.ts";

/** Who a worker is and what it wants. @throws SitqError with the field's path */
export function fromHello(hello: WorkRequest_Hello, principal: Principal): Hello {
  checkCount("hello.held", hello.held.length, limits.heldTasks, "tasks");
  return {
    workerId: parseOwnWorkerId("hello.worker_id", hello.workerId || `worker-${randomUUID()}`, principal),
    service: hello.service === "" ? "" : parseQueueName("hello.service", hello.service),
    queues: parseQueueNames("hello.queues", hello.queues),
    types: parseTaskTypes("hello.types", hello.types),
    capacity: parseInteger("hello.capacity", hello.capacity, 0, limits.workerCapacity),
    weight: parseInteger("hello.weight", hello.weight, 0, limits.instanceWeight),
    address: parseOptionalAddress("hello.address", hello.address),
    metadata: parseStringMap("hello.metadata", hello.metadata) ?? {},
    incarnation: hello.incarnation === "" ? "" : parseIncarnation("hello.incarnation", hello.incarnation),
    held: hello.held.map(({ taskId: id, attempt }, index) => ({
      taskId: parseTaskId(`hello.held[${index}].task_id`, id),
      attempt,
    })),
  };
}

/** What the conversion of outcomes has to know. */
export interface OutcomeRules {
  readonly maxPayloadBytes: number;
}

/** What results have to be. */
export function resultRules({ maxPayloadBytes }: OutcomeRules): PayloadRules {
  return { maxBytes: maxPayloadBytes, canonical: false, isPacked: true };
}

/**
 * The ends of attempts whose leases a worker holds, at a field's path. What is not valid is answered to it, and does not hold up the
 * others.
 *
 * @throws SitqError if they are too many
 */
export function fromOutcomes(
  field: string,
  messages: readonly WireOutcome[],
  { workerId, leaseKind }: Pick<Lease, "workerId" | "leaseKind">,
  rules: OutcomeRules,
): ReportedOutcome[] {
  checkCount(field, messages.length, limits.outcomesPerMessage, "items");
  const results = resultRules(rules);
  return messages.map((message, index) => {
    const { taskId, attempt } = message;
    return { taskId, attempt, workerId, leaseKind, outcome: fromOutcome(message, field, index, results) };
  });
}

function fromOutcome(message: WireOutcome, field: string, index: number, results: PayloadRules) {
  try {
    return fromOutcomeCase(message, results);
  } catch (error) {
    if (error instanceof SitqError) return error.under(`${field}[${index}]`);
    throw error;
  }
}

function fromOutcomeCase({ taskId: id, outcome }: WireOutcome, results: PayloadRules): OutcomeReport {
  parseTaskId("task_id", id);
  switch (outcome.case) {
    case "completed":
      return parseCompletion("completed.result", outcome.value, results);
    case "failed":
      return parseFailure("failed.", outcome.value);
    case "released":
      return parseRelease("released.delay", outcome.value);
    case undefined:
      throw invalidField("outcome", "completed, failed or released is required");
  }
}

const completedWithoutResult: OutcomeReport = { kind: "completed", result: null };

/** The outcome of work that is done. */
export function parseCompletion(
  field: string,
  { result, traceparent }: Pick<CompleteTaskRequest, "result" | "traceparent">,
  rules: PayloadRules,
): OutcomeReport {
  const bytes = fromPayload(field, result, rules);
  if (traceparent !== "") return { kind: "completed", result: bytes, traceparent: parseTraceparent(traceparent) };
  return bytes === null ? completedWithoutResult : { kind: "completed", result: bytes };
}

/** A `traceparent` as it is stored; `null`: it cannot be read, which is no reason to refuse what was done. */
function parseTraceparent(text: string): string | null {
  const context = parseTraceContext(text);
  return context && (traceHeaders(context)[traceFields.parent] ?? null);
}

/** The outcome of work that failed; `prefix` comes before the field names. */
export function parseFailure(
  prefix: string,
  failure: Pick<FailTaskRequest, "error" | "terminal" | "retryDelay">,
): OutcomeReport {
  return {
    kind: "failed",
    error: fromTaskError(failure.error),
    terminal: failure.terminal,
    retryDelayMs: fromDuration(`${prefix}retry_delay`, failure.retryDelay, 0, limits.retryDelayMs),
  };
}

/** The outcome of work that is given back. */
export function parseRelease(
  field: string,
  { delay, reason }: Pick<ReleaseTaskRequest, "delay" | "reason">,
): OutcomeReport {
  const delayMs = fromDuration(field, delay, 0, limits.retryDelayMs);
  return { kind: "released", delayMs, reason: cutText(reason, limits.errorTypeBytes) || null };
}

/** How far tasks are. @throws SitqError with the field's path */
export function fromProgressList(list: readonly WorkRequest_Progress[]): ReportedProgress[] {
  checkCount("heartbeat.progress", list.length, limits.heldTasks, "entries");
  return list.flatMap(({ taskId: id, attempt, progress }) => {
    const said = fromProgress(progress);
    return said === null ? [] : [{ taskId: id, attempt, progress: said }];
  });
}

/** A task's progress; `null` if not set. */
export function fromProgress(progress: WireProgress | undefined): ProgressReport | null {
  if (progress === undefined) return null;
  const { fraction, message } = progress;
  // 0 of 0 items is NaN, and sums of shares pass 1 by a hair: no reason to end the stream of all the worker's tasks.
  const share = fraction > 0 ? Math.min(fraction, 1) : 0;
  return { fraction: share, message: cutText(message, limits.progressMessageBytes) };
}
