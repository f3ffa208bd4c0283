import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { EventFilter as WireFilter, EventStart as WireStart } from "../../../gen/sitq/v1/event_pb.js";
import { limits } from "../../contract/limits.ts";
import { invalidField } from "../../domain/errors.ts";
import type { EventFilter, EventStart } from "../../domain/events/event.ts";
import { patternComplaint } from "../../domain/events/event-filter.ts";
import { checkAttributeName, checkCount, parseOptionalText } from "../convert/checks.ts";
import { fromTimestamp } from "../convert/times.ts";
import { refuseField } from "../convert/violations.ts";

const positionPattern = /^[0-9a-z]+$/;

/** Which events are meant. @throws SitqError with the path below `field` */
export function fromEventFilter(field: string, filter: WireFilter | undefined): EventFilter {
  const { types = [], sourceService: source = "", subject = "", correlationId = "", attributes = {} } = filter ?? {};
  checkCount(`${field}.types`, types.length, limits.filterTypes, "patterns");
  for (const [index, pattern] of types.entries()) typePattern(`${field}.types[${index}]`, pattern);
  return {
    types: [...new Set(types)],
    sourceService: parseOptionalText(`${field}.source_service`, source, limits.serviceBytes),
    attributes: fromWantedAttributes(`${field}.attributes`, attributes),
    subject: parseOptionalText(`${field}.subject`, subject, limits.subjectBytes),
    correlationId: parseOptionalText(`${field}.correlation_id`, correlationId, limits.correlationIdBytes),
  };
}

function typePattern(field: string, pattern: string): void {
  if (pattern.length > limits.typeLength) {
    refuseField(field, `has ${pattern.length} characters; at most ${limits.typeLength} are allowed`, pattern);
    return;
  }
  const complaint = patternComplaint(pattern);
  if (complaint !== null) refuseField(field, complaint, pattern);
}

function fromWantedAttributes(field: string, attributes: Readonly<Record<string, string>>): Record<string, string> {
  const names = Object.keys(attributes).sort();
  checkCount(field, names.length, limits.filterAttributes, "entries");
  let bytes = 0;
  for (const name of names) {
    checkAttributeName(field, name);
    bytes += name.length + Buffer.byteLength(attributes[name] ?? "");
  }
  if (bytes > limits.attributeBytes) {
    refuseField(field, `has ${bytes} bytes in all; at most ${limits.attributeBytes} are allowed`);
  }
  return Object.fromEntries(names.map((name) => [name, attributes[name] ?? ""]));
}

/** A filter as it goes out. */
export function toEventFilter(filter: EventFilter): WireFilter {
  return {
    $typeName: "sitq.v1.EventFilter",
    types: [...filter.types],
    sourceService: filter.sourceService ?? "",
    attributes: { ...filter.attributes },
    subject: filter.subject ?? "",
    correlationId: filter.correlationId ?? "",
  };
}

/** Where to begin. @throws SitqError with the field's path */
export function fromEventStart(field: string, start: WireStart | undefined): EventStart {
  const place = start?.start;
  switch (place?.case) {
    case "now":
    case "earliest":
      if (!place.value) throw invalidField(`${field}.${place.case}`, "must be true where it is set");
      return { kind: place.case };
    case "time":
      return { kind: "time", ms: startMs(`${field}.time`, place.value) };
    case "position":
      if (place.value.length > limits.positionLength || !positionPattern.test(place.value)) {
        throw invalidField(`${field}.position`, "is not the position of an event", place.value);
      }
      return { kind: "position", position: place.value };
    case undefined:
      throw invalidField(field, "is required: now, earliest, time or position");
  }
}

/** A time in milliseconds, rounded up: what was stored before it is not meant. */
function startMs(field: string, time: Timestamp): number {
  const ms = fromTimestamp(field, time) ?? 0;
  return time.nanos % 1_000_000 === 0 ? ms : ms + 1;
}
