import type { Task } from "../../domain/tasks/task.ts";

/** What a task takes in a message, about. */
export function taskBytes({ payload, result, headers, event, error }: Task): number {
  let bytes = (payload?.length ?? 0) + (result?.length ?? 0) + 512;
  for (const part of [headers, event?.attributes, error]) if (part != null) bytes += JSON.stringify(part).length;
  return bytes;
}
