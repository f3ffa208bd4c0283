import { auditCommand } from "./access/audit.ts";
import { principalCommand } from "./access/principal.ts";
import { tokenCommand } from "./access/token.ts";
import { whoamiCommand } from "./access/whoami.ts";
import { contextCommand } from "./contexts/context.ts";
import { eventCommand } from "./events/event.ts";
import { eventsCommand } from "./events/events.ts";
import { followCommand } from "./events/follow.ts";
import { publishCommand } from "./events/publish.ts";
import { type CommandGroup, operation } from "./program.ts";
import { pauseCommand, resumeCommand } from "./queues/pause.ts";
import { purgeCommand } from "./queues/purge.ts";
import { queueCommand } from "./queues/queue.ts";
import { queuesCommand } from "./queues/queues.ts";
import { setCommand } from "./queues/set.ts";
import { backupCommand } from "./server/backup.ts";
import { healthCommand } from "./server/health.ts";
import { versionCommand } from "./server/version.ts";
import { checkCommand } from "./services/check.ts";
import { deregisterCommand } from "./services/deregister.ts";
import { instancesCommand } from "./services/instances.ts";
import { pickCommand } from "./services/pick.ts";
import { servicesCommand } from "./services/services.ts";
import { replayCommand } from "./subscriptions/replay.ts";
import { subscribeCommand } from "./subscriptions/subscribe.ts";
import { subscriptionCommand } from "./subscriptions/subscription.ts";
import { subscriptionsCommand } from "./subscriptions/subscriptions.ts";
import { unsubscribeCommand } from "./subscriptions/unsubscribe.ts";
import { awaitCommand } from "./tasks/await.ts";
import { cancelCommand } from "./tasks/cancel.ts";
import { deleteCommand } from "./tasks/delete.ts";
import { enqueueCommand } from "./tasks/enqueue.ts";
import { getCommand } from "./tasks/get.ts";
import { listCommand } from "./tasks/list.ts";
import { retryCommand } from "./tasks/retry.ts";
import { watchCommand } from "./tasks/watch.ts";
import type { Shell } from "./terminal/shell.ts";
import { tlsCommand } from "./tls/tls.ts";
import { traceCommand } from "./trace/trace.ts";
import { drainCommand } from "./workers/drain.ts";
import { workCommand } from "./workers/work.ts";
import { workersCommand } from "./workers/workers.ts";
import { workflowsCommand } from "./workflows/workflows.ts";

/** Makes the commands that call a server, in the groups of the help. */
export function clientCommands(shell: Shell): CommandGroup[] {
  return [
    {
      name: "Tasks:",
      commands: [
        enqueueCommand(shell),
        getCommand(shell),
        listCommand(shell),
        awaitCommand(shell),
        watchCommand(shell),
        cancelCommand(shell),
        retryCommand(shell),
        deleteCommand(shell),
      ],
    },
    {
      name: "Queues:",
      commands: [
        queuesCommand(shell),
        queueCommand(shell),
        setCommand(shell),
        pauseCommand(shell),
        resumeCommand(shell),
        purgeCommand(shell),
      ],
    },
    {
      name: "Events:",
      commands: [
        publishCommand(shell),
        eventsCommand(shell),
        eventCommand(shell),
        followCommand(shell),
        traceCommand(shell),
        subscribeCommand(shell),
        subscriptionsCommand(shell),
        subscriptionCommand(shell),
        replayCommand(shell),
        unsubscribeCommand(shell),
      ],
    },
    { name: "Workers:", commands: [workersCommand(shell), drainCommand(shell), workCommand(shell)] },
    {
      name: "Services:",
      commands: [
        servicesCommand(shell),
        instancesCommand(shell),
        pickCommand(shell),
        checkCommand(shell),
        deregisterCommand(shell),
      ],
    },
    { name: "Workflows:", commands: [workflowsCommand(shell)] },
    { name: "Access:", commands: [tokenCommand(shell), principalCommand(shell), whoamiCommand(shell)] },
    {
      name: operation,
      commands: [
        backupCommand(shell),
        auditCommand(shell),
        healthCommand(shell),
        versionCommand(shell),
        contextCommand(shell),
        tlsCommand(shell),
      ],
    },
  ];
}
