import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { EventFilterSchema } from "../../../../gen/sitq/v1/event_pb.js";
import type { ListEventsRequestSchema } from "../../../../gen/sitq/v1/event_service_pb.js";
import { parseDuration } from "../../../../src/contract/duration.ts";

/** Which events are listed, as the address has it. Empty: all. */
export interface EventQuery {
  /** Patterns of types: `order.*`. */
  readonly type: readonly string[];
  readonly source: string;
  readonly subject: string;
  readonly correlation: string;
  /** Attributes and their values: `tenant=acme`. */
  readonly attribute: readonly string[];
  /** A span: those that were stored within it. */
  readonly since: string;
}

/** Reads the query of an address. */
export function eventQueryOf(query: URLSearchParams): EventQuery {
  return {
    type: query.getAll("type"),
    source: query.get("source") ?? "",
    subject: query.get("subject") ?? "",
    correlation: query.get("correlation") ?? "",
    attribute: query.getAll("attribute"),
    since: query.get("since") ?? "",
  };
}

/** The filter of an events query. */
export function eventFilterOf(query: EventQuery): MessageInitShape<typeof EventFilterSchema> {
  return {
    types: [...query.type],
    sourceService: query.source,
    subject: query.subject,
    correlationId: query.correlation,
    attributes: Object.fromEntries(query.attribute.map(pairOf)),
  };
}

/** What the server is asked for. A span that is none is left out. */
export function eventsRequestOf(query: EventQuery, nowMs: number): MessageInitShape<typeof ListEventsRequestSchema> {
  const sinceMs = parseDuration(query.since.trim());
  return {
    filter: eventFilterOf(query),
    ...(sinceMs !== undefined && { publishedAfter: timestampFromMs(nowMs - sinceMs) }),
  };
}

/** Words with commas or spaces between them. */
export function wordsOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}

/** An attribute and its value; what is without a value has an empty one. */
function pairOf(text: string): [string, string] {
  const at = text.indexOf("=");
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
