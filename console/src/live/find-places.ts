import { keyOfId } from "../../../src/domain/ids.ts";
import { href } from "../route.ts";
import { rpc } from "../rpc/clients.ts";

/** Something that has the wanted id or name. */
export interface Place {
  /** What it is: `task`. */
  readonly kind: string;
  readonly href: string;
}

/**
 * Finds what has an id, a correlation id or a name: tasks, workflows, events, queues, services. What who looks may not read is not
 * found, as what there is not.
 */
export async function findPlaces(text: string): Promise<readonly Place[]> {
  const found = await Promise.all(
    [
      ...(keyOfId(text) === null ? [] : ofOwnId(text)),
      rpc.events.getEvent({ eventId: text }).then(({ event }) => {
        return [{ kind: "event", href: href(["event", event?.sourceService ?? "", text]) }];
      }),
      isCorrelationId(text).then((is) => (is ? [{ kind: "correlation id", href: href(["trace", text]) }] : [])),
      rpc.queues.getQueue({ name: text }).then(() => [{ kind: "queue", href: href(["queue", text]) }]),
      rpc.registry.getLoadStatistics({ serviceName: text }).then(({ services }) => {
        return services.map(({ serviceName }) => ({ kind: "service", href: href(["service", serviceName]) }));
      }),
    ].map((each) => each.catch(() => [])),
  );
  return found.flat();
}

/** What can have an id that the server has made. */
function ofOwnId(text: string): Promise<readonly Place[]>[] {
  return [
    rpc.queues.getTask({ taskId: text }).then(() => [{ kind: "task", href: href(["task", text]) }]),
    rpc.workflows.getWorkflow({ workflowId: text }).then(() => [{ kind: "workflow", href: href(["workflow", text]) }]),
  ];
}

async function isCorrelationId(correlationId: string): Promise<boolean> {
  const [tasks, events, workflows] = await Promise.all([
    rpc.queues.listTasks({ filter: { correlationId }, pageSize: 1 }),
    rpc.events.listEvents({ filter: { correlationId }, pageSize: 1 }).catch(() => ({ events: [] })),
    rpc.workflows.listWorkflows({ filter: { correlationId }, pageSize: 1 }).catch(() => ({ workflows: [] })),
  ]);
  return tasks.tasks.length + events.events.length + workflows.workflows.length > 0;
}
