import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { type ReadableSpan, type Sampler, type SpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { createCondition } from "../../harness/condition.ts";

/** The SDK of OpenTelemetry in this process, which keeps what it records. */
export interface SpanRecorder extends Disposable {
  /** The spans that have ended, in the order of their ends. */
  readonly ended: readonly ReadableSpan[];
  /** Resolves with the spans that have ended, once there are so many. */
  untilEnded(count: number): Promise<readonly ReadableSpan[]>;
  /** Calls a function in a span of the application. */
  within<T>(name: string, call: () => Promise<T>): Promise<T>;
}

/** When spans of this process began, by their ids: the clocks of two spans differ by up to a millisecond. */
const begun = new Map<string, number>();

/** Registers an SDK, until it is disposed of. */
export function recordSpans(sampler?: Sampler): SpanRecorder {
  const ended: ReadableSpan[] = [];
  const condition = createCondition();
  const processor: SpanProcessor = {
    onStart: (span) => void begun.set(span.spanContext().spanId, begun.size),
    onEnd(span) {
      ended.push(span);
      condition.changed();
    },
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
  const provider = new TracerProvider({ spanProcessors: [processor], ...(sampler && { sampler }) });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  return {
    ended,
    async untilEnded(count) {
      await condition.until(() => ended.length >= count, `${count} spans had ended`);
      return ended;
    },
    within: (name, call) =>
      trace.getTracer("application").startActiveSpan(name, async (span) => {
        try {
          return await call();
        } finally {
          span.end();
        }
      }),
    [Symbol.dispose]() {
      trace.disable();
      context.disable();
    },
  };
}

/** A span in short: what it is called, its kind, and the names of the span above it and of those that it links to. */
export interface BriefSpan {
  readonly name: string;
  readonly kind: string;
  readonly parent: string | null;
  readonly links: readonly string[];
}

const kinds = ["INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];

/** Spans in short, in the order of their beginnings. */
export function briefly(spans: readonly ReadableSpan[]): BriefSpan[] {
  const names = new Map(spans.map((span) => [span.spanContext().spanId, span.name]));
  const startOf = (span: ReadableSpan) => begun.get(span.spanContext().spanId) ?? 0;
  return spans
    .toSorted((a, b) => startOf(a) - startOf(b))
    .map(({ name, kind, parentSpanContext, links }) => ({
      name,
      kind: kinds[kind] ?? "",
      parent: parentSpanContext === undefined ? null : (names.get(parentSpanContext.spanId) ?? "unknown"),
      links: links.map(({ context: { spanId } }) => names.get(spanId) ?? "unknown"),
    }));
}
