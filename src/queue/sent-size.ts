import { limits } from "../domain/limits.ts";
import type { ClaimedTask } from "../domain/task.ts";

/** Names, ids, times, and the frames of headers: more than they take together. */
const fieldBytes = 2_048;

/** How many bytes a claimed task takes in a message, at the most. */
export function sentBytes({ payload, headers }: ClaimedTask): number {
  return (payload?.length ?? 0) + (headers === null ? 0 : limits.headerBytes) + fieldBytes;
}
