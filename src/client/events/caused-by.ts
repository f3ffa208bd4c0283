import type { EventInfo } from "../views/event-info.ts";
import type { TaskInfo } from "../views/task-info.ts";

/** The cause of an event. */
export interface Cause {
  readonly correlationId: string;
  readonly causationId: string;
}

/**
 * Carries on what a handler works on, for the options of `publish`: the correlation id of its task, and for the cause the event
 * that the task delivers, or else the task itself. For a watcher: the event's. `enqueue` takes the correlation id from it.
 */
export function causedBy(what: TaskInfo | EventInfo): Cause {
  const event = "event" in what ? what.event : what;
  return { correlationId: what.correlationId, causationId: event?.id ?? what.id };
}
