/** Which events a filter means, and what of an event is its ordering key. Pure, and the same wherever events are chosen. */

import type { EventFilter, NewEvent } from "./event.ts";

/** The facts of an event that filters look at. */
export type EventFacts = Pick<NewEvent, "type" | "sourceService" | "subject" | "correlationId" | "attributes">;

/**
 * What is wrong with a pattern of types; `null`: nothing.
 *
 * A pattern is a type with `*` in the place of whole parts between the dots: one part each; `**` at the end stands for one or
 * more parts.
 */
export function patternComplaint(pattern: string): string | null {
  const parts = pattern.split(".");
  const wrong = parts.findIndex((part, index) => {
    if (part === "*") return false;
    if (part === "**") return index < parts.length - 1;
    return part === "" || !/^[A-Za-z0-9_:/-]+$/.test(part);
  });
  if (wrong === -1) return null;
  const part = JSON.stringify(parts[wrong]);
  if (parts[wrong] === "**") return "has ** before its end; it stands for all parts that follow";
  return `has the part ${part}; a part is letters, digits, _, -, / and :, or * alone, or ** at the end`;
}

/** Creates a function that answers whether an event matches a filter. */
export function createEventMatcher(filter: EventFilter): (event: EventFacts) => boolean {
  const typeMatches = createTypeMatcher(filter.types);
  const attributes = Object.entries(filter.attributes);
  return (event) =>
    (filter.sourceService === null || filter.sourceService === event.sourceService) &&
    (filter.subject === null || filter.subject === event.subject) &&
    (filter.correlationId === null || filter.correlationId === event.correlationId) &&
    typeMatches(event.type) &&
    attributes.every(([name, value]) => attributeText(event, name) === value);
}

function createTypeMatcher(patterns: readonly string[]): (type: string) => boolean {
  if (patterns.length === 0) return () => true;
  const whole = new Set(patterns.filter((pattern) => !pattern.includes("*")));
  const wild = patterns.filter((pattern) => pattern.includes("*")).map(expressionOf);
  return (type) => whole.has(type) || wild.some((expression) => expression.test(type));
}

/** Linear: every wildcard ends at a dot that it cannot match. */
function expressionOf(pattern: string): RegExp {
  const parts = pattern.split(".").map((part) => {
    if (part === "**") return ".+";
    return part === "*" ? "[^.]+" : part.replace(/[^A-Za-z0-9]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("\\.")}$`);
}

function attributeText({ attributes }: EventFacts, name: string): string | null {
  if (attributes === null || !Object.hasOwn(attributes, name)) return null;
  return String(attributes[name]);
}

const attributePrefix = "attributes.";
const keyFields = ["subject", "source_service", "correlation_id"] as const;

/** What is wrong with the words for an ordering key; `null`: nothing. */
export function orderingKeyComplaint(spec: string): string | null {
  if (keyFields.some((field) => field === spec)) return null;
  if (spec.startsWith(attributePrefix) && /^[a-z0-9]{1,20}$/.test(spec.slice(attributePrefix.length))) return null;
  return `is ${JSON.stringify(spec)}; it must be ${keyFields.join(", ")} or ${attributePrefix}NAME`;
}

/** The ordering key of an event by a subscription's words; `null`: the event has none and does not wait. */
export function orderingKeyOf(event: EventFacts, spec: string | null): string | null {
  switch (spec) {
    case null:
      return null;
    case "subject":
      return event.subject;
    case "source_service":
      return event.sourceService;
    case "correlation_id":
      return event.correlationId;
    default:
      return attributeText(event, spec.slice(attributePrefix.length));
  }
}
