/**
 * The trace that a task, an event or a call is part of, as W3C Trace Context writes it: `traceparent` and `tracestate`, among the headers
 * of a task or a workflow, the attributes of an event (as CloudEvents has it), the metadata of a call.
 */

import { limits } from "./limits.ts";

/** The names under which a trace travels. */
export const traceFields = { parent: "traceparent", state: "tracestate" } as const;

/** A span in another process. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Whether its process records it. */
  readonly isSampled: boolean;
  /** What tracing systems add, by their own rules; empty: nothing. */
  readonly state: string;
}

/** The longest `tracestate` that is passed on, in characters: what W3C Trace Context has every system pass on. */
const longestState = 512;

const pattern = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;
const noId = /^0+$/;

/** Reads a `traceparent` of any version; `null`: it is none, and its trace is not gone on with. */
export function parseTraceContext(parent: string, state = ""): TraceContext | null {
  const [, version, traceId = "", spanId = "", flags = "", more] = pattern.exec(parent) ?? [];
  if (version === undefined || version === "ff" || (version === "00" && more !== undefined)) return null;
  if (noId.test(traceId) || noId.test(spanId)) return null;
  const isSampled = (Number.parseInt(flags, 16) & 1) === 1;
  return { traceId, spanId, isSampled, state: state.length > longestState ? "" : state };
}

/** A context as it travels. */
export function traceHeaders({ traceId, spanId, isSampled, state }: TraceContext): Record<string, string> {
  const parent = `00-${traceId}-${spanId}-0${isSampled ? 1 : 0}`;
  const isStatePassedOn = state !== "" && state.length <= longestState;
  return { [traceFields.parent]: parent, ...(isStatePassedOn && { [traceFields.state]: state }) };
}

/**
 * Whether two sets of headers or attributes say the same, apart from the trace: a repeat by another process, or of another call, is
 * part of another one.
 *
 * @param a as a text, sorted by key; `null`: none
 */
export function isSameContext(a: string | null, b: string | null): boolean {
  return a === b || withoutTrace(a) === withoutTrace(b);
}

/** What headers or attributes say apart from the trace, as a text; `null`: nothing. */
export function withoutTrace(text: string | null): string | null {
  if (text === null) return null;
  const { [traceFields.parent]: _parent, [traceFields.state]: _state, ...others } = JSON.parse(text);
  return Object.keys(others).length === 0 ? null : JSON.stringify(others);
}

/** Headers with those of a trace; without them where they do not fit into the bounds of headers, or the headers name a trace of their own. */
export function withTrace(
  headers: Readonly<Record<string, string>> = {},
  trace: Readonly<Record<string, string>>,
): Record<string, string> {
  if (headers[traceFields.parent] !== undefined) return { ...headers };
  const { [traceFields.state]: _state, ...own } = headers;
  const all = { ...own, ...trace };
  const entries = Object.entries(all);
  const fits = entries.length <= limits.headerCount && bytesOf(entries) <= limits.headerBytes;
  return fits ? all : { ...headers };
}

function bytesOf(entries: readonly (readonly [string, string])[]): number {
  return entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
}

/** What a line of a log says of the trace that a `traceparent` names; nothing if it names none. */
export function traceFacts(parent: string): { readonly trace_id: string; readonly span_id: string } | null {
  const context = parseTraceContext(parent);
  return context && { trace_id: context.traceId, span_id: context.spanId };
}

// Headers, as JSON, that name nothing but a span, as those of almost all tasks do that have some: {"traceparent":"00-…-…-01"}.
const beforeParent = `{"${traceFields.parent}":"`;
const parentLength = 55;
const afterParent = beforeParent.length + parentLength;

/** Reads headers from JSON: those that name nothing but a span in a quarter of the time that a parser takes. */
export function parseHeaders(json: string): Record<string, string> {
  const isOnly = json.length === afterParent + '"}'.length && isQuotedParent(json) && !json.includes("\\");
  return isOnly ? { [traceFields.parent]: json.slice(beforeParent.length, afterParent) } : JSON.parse(json);
}

/** Whether headers, as JSON, name a span that is surely not recorded. It looks at its flags alone, where almost all have them. */
export function isUnrecorded(json: string): boolean {
  return isQuotedParent(json) && (Number.parseInt(json.slice(afterParent - 2, afterParent), 16) & 1) === 0;
}

/** Whether a text of the usual length stands where the `traceparent` of most does. */
function isQuotedParent(json: string): boolean {
  return json.startsWith(beforeParent) && json.indexOf('"', beforeParent.length) === afterParent;
}
