import type * as Api from "@opentelemetry/api";
import type { Task } from "../../../gen/sitq/v1/task_pb.js";
import { attribute, messaging, type Operation, spanName } from "../../contract/semantic-conventions.ts";
import { traceFields } from "../../contract/trace-context.ts";
import { headersOf, remoteSpan } from "./context.ts";
import { traceOf } from "./event-trace.ts";
import { type OpenTelemetry, openTelemetry, type WarningLog } from "./open-telemetry.ts";
import type { ProcessSpan, SettleSpan } from "./spans.ts";

/** Who processes a task. */
export interface Processor {
  readonly workerId: string;
  readonly log: WarningLog;
  /** The attributes of the server that it is of. */
  readonly server: Readonly<Record<string, string | number>>;
  /**
   * Whether the application has asked for this task, so that the span is a child of the one that is active there. Otherwise the server has
   * sent it, and the span is a child of the one that created the task.
   */
  readonly isAsked: boolean;
}

/**
 * Begins to process an attempt; `null`: nothing is traced. It links to the span that created the task, and of a step of a workflow to those
 * in which the steps were processed that it waited for.
 */
export function startProcess(task: Task, processor: Processor): ProcessSpan | null {
  const telemetry = openTelemetry(processor.log);
  if (telemetry === null) return null;
  const { api, tracer } = telemetry;
  const stepsBefore = Object.entries(task.stepTraceparents)
    .sort()
    .flatMap(([, traceparent]) => remoteSpan(api, { [traceFields.parent]: traceparent }) ?? []);
  // A workflow that was not started in a trace goes on with that of its first step.
  const creation = remoteSpan(api, contextOf(task)) ?? stepsBefore[0] ?? null;
  const created = creation === null ? [] : [creation];
  const start = (operation: Operation, kind: Api.SpanKind, parent: Api.Context, linked: readonly Api.SpanContext[]) =>
    tracer.startSpan(
      spanName(operation, task.queue),
      {
        kind,
        attributes: { ...messaging(operation, task.queue), ...factsOf(task, processor) },
        links: linked.map((context) => ({ context })),
      },
      parent,
    );

  const linked = [...new Set([...created, ...stepsBefore])];
  const span = start("process", api.SpanKind.CONSUMER, parentOf(telemetry, creation, processor), linked);
  const { traceId, spanId } = span.spanContext();
  const context = api.trace.setSpan(api.ROOT_CONTEXT, span);
  // What is not recorded needs no facts, and neither does what comes of it.
  const isRecorded = span.isRecording();
  let isOver = false;
  return {
    ids: { trace_id: traceId, span_id: spanId },
    get stepTraceparent() {
      const isReported = isRecorded && task.origin !== undefined && task.origin.workflowId !== "";
      return (isReported && headersOf(telemetry, span.spanContext())?.[traceFields.parent]) || "";
    },
    run: (call) => api.context.with(context, call),
    end(outcome, failure) {
      if (isOver || !isRecorded) return;
      isOver = true;
      span.setAttribute(attribute.outcome, outcome);
      if (failure !== undefined) {
        if (failure.thrown instanceof Error) span.recordException(failure.thrown);
        noteFailure(telemetry, span, failure.type, failure.message);
      }
      span.end();
    },
    settle(outcome): SettleSpan | null {
      if (!isRecorded) return null;
      const settling = start("settle", api.SpanKind.CLIENT, context, created);
      settling.setAttribute(attribute.outcome, outcome);
      return {
        end(failure) {
          if (failure !== null) noteFailure(telemetry, settling, failure);
          settling.end();
        },
      };
    },
  };
}

/** The headers of the span that created a task: of a delivery, that published its event. */
function contextOf({ headers, event }: Task): Readonly<Record<string, string>> {
  return event === undefined || headers[traceFields.parent] !== undefined ? headers : traceOf(event.attributes);
}

function parentOf({ api }: OpenTelemetry, creation: Api.SpanContext | null, { isAsked }: Processor): Api.Context {
  const active = api.context.active();
  if (isAsked && api.trace.getSpanContext(active) !== undefined) return active;
  return creation === null ? api.ROOT_CONTEXT : api.trace.setSpanContext(api.ROOT_CONTEXT, creation);
}

function factsOf(task: Task, { workerId, server }: Processor): Api.Attributes {
  const facts: Api.Attributes = {
    ...server,
    [attribute.clientId]: workerId,
    [attribute.messageId]: task.id,
    [attribute.taskType]: task.type,
    [attribute.attempt]: task.attempt,
  };
  if (task.correlationId !== "") facts[attribute.conversationId] = task.correlationId;
  const { subscription = "", eventId = "", workflowId = "", stepId = "", isCompensation } = task.origin ?? {};
  if (subscription !== "") facts[attribute.subscription] = subscription;
  if (eventId !== "") facts[attribute.eventId] = eventId;
  if (workflowId !== "") {
    facts[attribute.workflowId] = workflowId;
    facts[attribute.workflowStep] = stepId;
  }
  if (isCompensation) facts[attribute.isCompensation] = true;
  return facts;
}

function noteFailure({ api }: OpenTelemetry, span: Api.Span, type: string, message = ""): void {
  span.setAttribute(attribute.errorType, type);
  span.setStatus({ code: api.SpanStatusCode.ERROR, ...(message && { message }) });
}
