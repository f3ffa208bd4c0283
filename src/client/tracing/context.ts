import type * as Api from "@opentelemetry/api";
import { parseTraceContext, traceFields, traceHeaders } from "../../contract/trace-context.ts";
import { type OpenTelemetry, openTelemetry } from "./open-telemetry.ts";

/** The span that headers name, in another process; `null`: none. */
export function remoteSpan(api: typeof Api, headers: Readonly<Record<string, string>>): Api.SpanContext | null {
  const parent = headers[traceFields.parent];
  const context = parent === undefined ? null : parseTraceContext(parent, headers[traceFields.state]);
  if (context === null) return null;
  const { traceId, spanId, isSampled, state } = context;
  const traceFlags = isSampled ? api.TraceFlags.SAMPLED : api.TraceFlags.NONE;
  return { traceId, spanId, traceFlags, isRemote: true, ...(state && { traceState: api.createTraceState(state) }) };
}

/** The headers that name a span; `null`: it is none that anything can belong to. */
export function headersOf({ api }: OpenTelemetry, span: Api.SpanContext): Readonly<Record<string, string>> | null {
  if (!api.isSpanContextValid(span)) return null;
  const { traceId, spanId, traceFlags, traceState } = span;
  const isSampled = (traceFlags & api.TraceFlags.SAMPLED) !== 0;
  return traceHeaders({ traceId, spanId, isSampled, state: traceState?.serialize() ?? "" });
}

/** The headers that name the span that is active; `null`: none is. */
export function activeTrace(): Readonly<Record<string, string>> | null {
  const telemetry = openTelemetry();
  const active = telemetry?.api.trace.getSpanContext(telemetry.api.context.active());
  return telemetry && active ? headersOf(telemetry, active) : null;
}
