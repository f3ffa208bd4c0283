import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { parseHostPort } from "../contract/host-port.ts";
import { attribute, spanName } from "../contract/semantic-conventions.ts";
import { isUnrecorded, parseHeaders, parseTraceContext, traceFields } from "../contract/trace-context.ts";
import type { Clock } from "../domain/clock.ts";
import type { ClaimedTask, NewTask } from "../domain/tasks/task.ts";
import type { CallSpan, TracedCall, Traces } from "./traces.ts";

/** Statuses of a call by which the server says that it is at fault; the others are its answer to what the caller did. */
const serverErrors = new Set(["UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"]);

/** How it is decided what is recorded. */
export interface Recording {
  readonly tracer: Tracer;
  /** Whether its sampler records nothing below a span that is not recorded. */
  readonly followsParents: boolean;
}

/** Records by a tracer. A call is a span of its own; what happens to a task is recorded where its headers name a span that is. */
export class RecordedTraces implements Traces {
  readonly #tracer: Tracer;
  readonly #followsParents: boolean;
  readonly #clock: Pick<Clock, "monotonic">;
  readonly stop: () => Promise<void>;

  constructor({ tracer, followsParents }: Recording, clock: Pick<Clock, "monotonic">, stop: () => Promise<void>) {
    this.#tracer = tracer;
    this.#followsParents = followsParents;
    this.#clock = clock;
    this.stop = stop;
  }

  begin(path: string, call: TracedCall, protocol: "grpc" | "connectrpc"): CallSpan | null {
    // Not health and reflection, which would drown the others.
    if (!path.startsWith("/sitq.")) return null;
    const method = path.slice(1);
    const parent = contextOf(textOf(call, traceFields.parent), textOf(call, traceFields.state)) ?? ROOT_CONTEXT;
    const attributes = { [attribute.rpcSystem]: protocol, [attribute.rpcMethod]: method, ...peerOf(call) };
    const span = this.#tracer.startSpan(method, { kind: SpanKind.SERVER, attributes }, parent);
    return {
      end(status) {
        // Connect has codes in small letters, and none for success.
        const code = protocol === "grpc" ? status : status.toLowerCase();
        if (protocol === "grpc" || status !== "OK") span.setAttribute(attribute.rpcStatus, code);
        if (status !== "OK") span.setAttribute(attribute.errorType, code);
        if (serverErrors.has(status)) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      },
    };
  }

  now(): number {
    return this.#clock.monotonic();
  }

  stored(tasks: readonly NewTask[], idOf: (index: number) => string | null, beganMs: number): void {
    for (const [index, task] of tasks.entries()) {
      const parent = this.#creationIn(task.headers);
      const id = parent ? idOf(index) : null;
      if (parent && id !== null) this.#record("store", parent, task.queue, beganMs, factsOf(task, id));
    }
  }

  handedOut(tasks: readonly ClaimedTask[]): void {
    for (const task of tasks) {
      // What passes before a later attempt is a backoff, not a wait.
      if (task.attempt !== 1) continue;
      const parent = task.event === null ? this.#creationIn(task.headers) : parentIn(task.event.attributes ?? {});
      if (parent === null) continue;
      const { id, queue, workerId, createMs } = task;
      this.#record("wait", parent, queue, createMs, { ...factsOf(task, id), [attribute.clientId]: workerId });
    }
  }

  /** The span that headers name; `null`: none, or nothing below it is recorded. A span that is not, made nonetheless, takes 3 µs. */
  #creationIn(headers: string | null): Context | null {
    if (headers === null || (this.#followsParents && isUnrecorded(headers))) return null;
    return parentIn(parseHeaders(headers));
  }

  /** Records what has ended now. @param beganMs by the wall clock, or since the process began */
  #record(what: string, parent: Context, queue: string, beganMs: number, facts: Attributes): void {
    const attributes = { [attribute.system]: "sitq", [attribute.destination]: queue, ...facts };
    this.#tracer
      .startSpan(spanName(what, queue), { startTime: beganMs, attributes }, parent)
      .end(this.#clock.monotonic());
  }
}

function factsOf({ type, correlationId }: Pick<NewTask, "type" | "correlationId">, id: string): Attributes {
  const facts: Attributes = { [attribute.messageId]: id, [attribute.taskType]: type };
  if (correlationId !== null) facts[attribute.conversationId] = correlationId;
  return facts;
}

/** The span that headers or attributes name; `null`: none. */
function parentIn(headers: Readonly<Record<string, unknown>>): Context | null {
  return contextOf(headers[traceFields.parent], headers[traceFields.state]);
}

function contextOf(parent: unknown, state: unknown): Context | null {
  if (typeof parent !== "string") return null;
  const context = parseTraceContext(parent, typeof state === "string" ? state : "");
  if (context === null) return null;
  const { traceId, spanId, isSampled } = context;
  const traceFlags = isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}

function textOf({ metadata }: TracedCall, name: string): unknown {
  return metadata.get(name)[0];
}

function peerOf(call: TracedCall): Attributes {
  const peer = parseHostPort(call.peer);
  return peer === undefined ? {} : { [attribute.peerAddress]: peer.host, [attribute.peerPort]: peer.port };
}
