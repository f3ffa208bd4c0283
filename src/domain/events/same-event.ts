import { isSameContext } from "../../contract/trace-context.ts";
import { isSamePayload } from "../payload-content.ts";
import type { NewEvent } from "./event.ts";

/** The content of an event, which a repeat has in common with it. */
export interface EventContent
  extends Pick<NewEvent, "type" | "subject" | "time" | "data" | "correlationId" | "causationId"> {
  /** As a text, sorted by key. */
  readonly attributes: string | null;
}

/** Whether two events of one source and id have the same content: the second is a repeat. */
export function isSameEvent(a: EventContent, b: EventContent): boolean {
  return (
    a.type === b.type &&
    a.subject === b.subject &&
    a.time?.seconds === b.time?.seconds &&
    a.time?.nanos === b.time?.nanos &&
    a.correlationId === b.correlationId &&
    a.causationId === b.causationId &&
    isSameContext(a.attributes, b.attributes) &&
    isSamePayload(a.data, b.data)
  );
}
