import type { TaskState } from "../../../domain/tasks/task.ts";

/** Adds to the counts of queues. @param rows a query: the queue, the server, and what is added to each of these states */
export function addCounts(rows: string, states: readonly TaskState[]): string {
  const added = states.map((state) => `${state} = queue_count.${state} + excluded.${state}`);
  return `INSERT INTO queue_count (queue_id, server_id, ${states.join(", ")}) ${rows}
    ON CONFLICT (queue_id, server_id) DO UPDATE SET ${added.join(", ")}`;
}
