import type * as Api from "@opentelemetry/api";
import { attribute, messaging, type Operation, spanName } from "../../contract/semantic-conventions.ts";
import { callErrorFrom } from "../../grpc/client/call-error.ts";
import { headersOf, remoteSpan } from "./context.ts";
import { type OpenTelemetry, openTelemetry, type WarningLog } from "./open-telemetry.ts";
import { serverOf } from "./server-attributes.ts";
import type { SendSpan } from "./spans.ts";

/** A message that is to be sent. */
export interface SentMessage {
  /** The queue of a task, the type of an event, the name of a workflow. */
  readonly destination: string;
  /** Its own headers: if they name a span, that is the one that it is created in. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly correlationId?: string | undefined;
  /** What else its span says. */
  readonly attributes?: Api.Attributes;
}

/** Where messages are sent. */
interface Target {
  readonly address: string;
  readonly log: WarningLog;
}

/**
 * Begins to send one message; `null`: nothing is traced. The message is created by this span, unless it says otherwise.
 *
 * @param messageOf what the span says of the item; called only if something is traced
 */
export function startSend<T>(target: Target, item: T, messageOf: (item: T) => SentMessage): SendSpan | null {
  const telemetry = openTelemetry(target.log);
  if (telemetry === null) return null;
  const { api } = telemetry;
  const message = messageOf(item);
  const own = remoteSpan(api, message.headers ?? {});
  const span = start(telemetry, "send", message, {
    kind: own === null ? api.SpanKind.PRODUCER : api.SpanKind.CLIENT,
    attributes: { ...serverOf(target), ...message.attributes },
    links: own === null ? [] : [{ context: own }],
  });
  const headers = own === null ? headersOf(telemetry, span.spanContext()) : null;
  return {
    headersOf: () => headers,
    run: (call) => api.context.with(api.trace.setSpan(api.context.active(), span), call),
    answered: (_, id, error) => noteAnswer(telemetry, span, id, error),
    end: (error) => end(telemetry, span, error),
  };
}

/**
 * Begins to send a batch: one span for each message, in which it is created, and one for the sending, which links to them; `null`:
 * nothing is traced.
 */
export function startSendAll<T>(
  target: Target,
  items: readonly T[],
  messageOf: (item: T) => SentMessage,
): SendSpan | null {
  const telemetry = items.length === 0 ? null : openTelemetry(target.log);
  if (telemetry === null) return null;
  const messages = items.map(messageOf);
  const { api } = telemetry;
  const server = serverOf(target);
  const created = messages.map((message) => {
    const own = remoteSpan(api, message.headers ?? {});
    if (own !== null) return { span: null, context: own };
    const attributes = { ...server, ...message.attributes };
    const span = start(telemetry, "create", message, { kind: api.SpanKind.PRODUCER, attributes });
    return { span, context: span.spanContext() };
  });
  const [{ destination = "" } = {}] = messages;
  const isCommon = messages.every((message) => message.destination === destination);
  const common = { destination: isCommon ? destination : "" };
  const span = start(telemetry, "send", common, {
    kind: api.SpanKind.CLIENT,
    attributes: { ...server, [attribute.batchCount]: messages.length },
    links: created.map(({ context }) => ({ context })),
  });
  return {
    headersOf(index) {
      const each = created[index]?.span;
      return each ? headersOf(telemetry, each.spanContext()) : null;
    },
    run: (call) => api.context.with(api.trace.setSpan(api.context.active(), span), call),
    answered(index, id, error) {
      const each = created[index]?.span;
      if (each) noteAnswer(telemetry, each, id, error);
    },
    end(error) {
      for (const each of created) each.span?.end();
      end(telemetry, span, error);
    },
  };
}

/** Ends a span with the promise of what it spans. */
export function untilAnswered<T>(span: SendSpan, answer: Promise<T>, idOf: (answered: T) => string): Promise<T> {
  return answer.then(
    (answered) => {
      span.answered(0, idOf(answered), null);
      span.end();
      return answered;
    },
    (error) => {
      span.end(error);
      throw error;
    },
  );
}

function start(
  { tracer }: OpenTelemetry,
  operation: Operation,
  { destination, correlationId }: Pick<SentMessage, "destination" | "correlationId">,
  options: Api.SpanOptions,
): Api.Span {
  const attributes = { ...messaging(operation, destination), ...options.attributes };
  if (correlationId) attributes[attribute.conversationId] = correlationId;
  return tracer.startSpan(spanName(operation, destination), { ...options, attributes });
}

function noteAnswer(telemetry: OpenTelemetry, span: Api.Span, id: string, error: unknown): void {
  if (id !== "") span.setAttribute(attribute.messageId, id);
  if (error != null) noteError(telemetry, span, error);
}

function end(telemetry: OpenTelemetry, span: Api.Span, error: unknown): void {
  if (error != null) noteError(telemetry, span, error);
  span.end();
}

function noteError({ api }: OpenTelemetry, span: Api.Span, error: unknown): void {
  const { reason, codeName, message } = callErrorFrom(error);
  span.setAttribute(attribute.errorType, reason ?? codeName);
  span.setStatus({ code: api.SpanStatusCode.ERROR, message });
}

/** Calls a function in the context of a span, if there is one, and ends the span with it. */
export async function spanning<T>(span: SendSpan | null, call: (span: SendSpan | null) => Promise<T>): Promise<T> {
  if (span === null) return call(null);
  try {
    const answer = await span.run(() => call(span));
    span.end();
    return answer;
  } catch (error) {
    span.end(error);
    throw error;
  }
}
