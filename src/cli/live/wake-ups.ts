import type { SitqClient } from "../../client/index.ts";

/** What says that a view may have changed. */
export interface WakeUps {
  /** Begins a stream of the server. Each message that is one stands for a change; the first one always is. */
  open(signal: AbortSignal): AsyncIterable<unknown>;
  /** How long nothing may be said before it is read all the same, in milliseconds: what the stream does not say. Default: no limit. */
  readonly mostMs?: number;
}

/** How old what the overview does not say may be, in milliseconds: the progress of a task, the load of an instance. */
const mostMs = 10_000;

/** Wakes at most once a second, when queues have changed. @param queue only this one. Default: any */
export function overviewWakeUps(client: Pick<SitqClient, "monitor">, queue = ""): WakeUps {
  async function* open(signal: AbortSignal): AsyncGenerator<unknown, void> {
    for await (const message of client.monitor.watchOverview({ nameContains: queue }, { signal })) {
      const { snapshot, queues } = message;
      if (queue === "" || snapshot || queues.some(({ name }) => name === queue)) yield message;
    }
  }
  return { open, mostMs };
}

/** Wakes at most once a second, when problems or totals have changed, which are of all queues. */
export function problemWakeUps(client: Pick<SitqClient, "monitor">): WakeUps {
  return { open: (signal) => client.monitor.watchOverview({ maxQueues: 1 }, { signal }), mostMs };
}

/** Wakes when a task has changed. */
export function taskWakeUps(client: Pick<SitqClient, "queue">, taskId: string): WakeUps {
  return { open: (signal) => client.queue.watchTasks({ taskIds: [taskId] }, { signal }) };
}

/** Wakes when a workflow has changed. */
export function workflowWakeUps(client: Pick<SitqClient, "workflow">, workflowId: string): WakeUps {
  return { open: (signal) => client.workflow.watchWorkflow({ workflowId }, { signal }) };
}

/** Wakes when instances have changed. @param serviceName only those of this service; empty: of any */
export function instanceWakeUps(client: Pick<SitqClient, "registry">, serviceName = ""): WakeUps {
  return { open: (signal) => client.registry.watchInstances({ serviceName }, { signal }), mostMs };
}
