import { limits } from "../../contract/limits.ts";
import type { StoredEvent } from "../../domain/events/event.ts";
import type { ClaimedTask } from "../../domain/tasks/task.ts";

/** Names, ids, times, and the frames of headers: more than they take together. */
const fieldBytes = 2_048;
/** The name of a step, twice, the frame of its result, and its `traceparent`. */
const resultFrameBytes = 320;

/** How many bytes a claimed task takes in a message, at the most. */
export function sentBytes({ payload, headers, event, step }: ClaimedTask): number {
  // Of a text in JSON no character takes more than three bytes.
  const headerBytes = 3 * (headers?.length ?? 0);
  const bytes = (payload?.length ?? 0) + headerBytes + (event === null ? 0 : eventBytes(event)) + fieldBytes;
  if (step === null) return bytes;
  return Object.values(step.results).reduce((sum, result) => sum + resultFrameBytes + (result?.length ?? 0), bytes);
}

/** Its data is the task's payload. */
function eventBytes({ attributes }: StoredEvent): number {
  return fieldBytes + (attributes === null ? 0 : limits.attributeBytes + fieldBytes);
}
