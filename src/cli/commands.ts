import type { Command } from "commander";
import { type CommandGroup, operation } from "./program.ts";
import type { Shell } from "./terminal/shell.ts";

/** Makes a command, once its code is loaded. */
type Loader = (shell: Shell) => Promise<Command>;

/** The commands by their names, in the groups of the help. Each loads its own code alone: a short command starts sooner. */
const groups: readonly { readonly name: string; readonly loaders: Readonly<Record<string, Loader>> }[] = [
  {
    name: "Tasks:",
    loaders: {
      enqueue: async (shell) => (await import("./tasks/enqueue.ts")).enqueueCommand(shell),
      get: async (shell) => (await import("./tasks/get.ts")).getCommand(shell),
      explain: async (shell) => (await import("./tasks/explain.ts")).explainCommand(shell),
      list: async (shell) => (await import("./tasks/list.ts")).listCommand(shell),
      failures: async (shell) => (await import("./tasks/failures.ts")).failuresCommand(shell),
      await: async (shell) => (await import("./tasks/await.ts")).awaitCommand(shell),
      watch: async (shell) => (await import("./tasks/watch.ts")).watchCommand(shell),
      cancel: async (shell) => (await import("./tasks/changes/cancel.ts")).cancelCommand(shell),
      retry: async (shell) => (await import("./tasks/changes/retry.ts")).retryCommand(shell),
      update: async (shell) => (await import("./tasks/changes/update.ts")).updateCommand(shell),
      rerun: async (shell) => (await import("./tasks/changes/rerun.ts")).rerunCommand(shell),
      delete: async (shell) => (await import("./tasks/changes/delete.ts")).deleteCommand(shell),
      export: async (shell) => (await import("./tasks/files/export.ts")).exportCommand(shell),
      import: async (shell) => (await import("./tasks/files/import.ts")).importCommand(shell),
    },
  },
  {
    name: "Queues:",
    loaders: {
      queues: async (shell) => (await import("./queues/queues.ts")).queuesCommand(shell),
      queue: async (shell) => (await import("./queues/queue.ts")).queueCommand(shell),
      set: async (shell) => (await import("./queues/set.ts")).setCommand(shell),
      pause: async (shell) => (await import("./queues/pause.ts")).pauseCommand(shell),
      resume: async (shell) => (await import("./queues/pause.ts")).resumeCommand(shell),
      purge: async (shell) => (await import("./tasks/changes/purge.ts")).purgeCommand(shell),
    },
  },
  {
    name: "Events:",
    loaders: {
      publish: async (shell) => (await import("./events/publish.ts")).publishCommand(shell),
      events: async (shell) => (await import("./events/events.ts")).eventsCommand(shell),
      event: async (shell) => (await import("./events/event.ts")).eventCommand(shell),
      follow: async (shell) => (await import("./events/follow.ts")).followCommand(shell),
      trace: async (shell) => (await import("./trace/trace.ts")).traceCommand(shell),
      subscribe: async (shell) => (await import("./subscriptions/subscribe.ts")).subscribeCommand(shell),
      subscriptions: async (shell) => (await import("./subscriptions/subscriptions.ts")).subscriptionsCommand(shell),
      subscription: async (shell) => (await import("./subscriptions/subscription.ts")).subscriptionCommand(shell),
      replay: async (shell) => (await import("./subscriptions/replay.ts")).replayCommand(shell),
      unsubscribe: async (shell) => (await import("./subscriptions/unsubscribe.ts")).unsubscribeCommand(shell),
    },
  },
  {
    name: "Workers:",
    loaders: {
      workers: async (shell) => (await import("./workers/workers.ts")).workersCommand(shell),
      drain: async (shell) => (await import("./workers/drain.ts")).drainCommand(shell),
      work: async (shell) => (await import("./workers/work.ts")).workCommand(shell),
    },
  },
  {
    name: "Services:",
    loaders: {
      services: async (shell) => (await import("./services/services.ts")).servicesCommand(shell),
      instances: async (shell) => (await import("./services/instances.ts")).instancesCommand(shell),
      pick: async (shell) => (await import("./services/pick.ts")).pickCommand(shell),
      balance: async (shell) => (await import("./services/balance.ts")).balanceCommand(shell),
      check: async (shell) => (await import("./services/check.ts")).checkCommand(shell),
      deregister: async (shell) => (await import("./services/deregister.ts")).deregisterCommand(shell),
      xds: async (shell) => (await import("./xds/xds.ts")).xdsCommand(shell),
    },
  },
  {
    name: "Workflows:",
    loaders: {
      workflows: async (shell) => (await import("./workflows/workflows.ts")).workflowsCommand(shell),
    },
  },
  {
    name: "Access:",
    loaders: {
      token: async (shell) => (await import("./access/token.ts")).tokenCommand(shell),
      principal: async (shell) => (await import("./access/principal.ts")).principalCommand(shell),
      whoami: async (shell) => (await import("./access/whoami.ts")).whoamiCommand(shell),
    },
  },
  {
    name: operation,
    loaders: {
      status: async (shell) => (await import("./status/status.ts")).statusCommand(shell),
      top: async (shell) => (await import("./status/top.ts")).topCommand(shell),
      console: async (shell) => (await import("./console/console.ts")).consoleCommand(shell),
      servers: async (shell) => (await import("./server/servers.ts")).serversCommand(shell),
      migrate: async (shell) => (await import("./server/migrate.ts")).migrateCommand(shell),
      backup: async (shell) => (await import("./server/backup.ts")).backupCommand(shell),
      audit: async (shell) => (await import("./access/audit.ts")).auditCommand(shell),
      health: async (shell) => (await import("./server/health.ts")).healthCommand(shell),
      completion: async (shell) => (await import("./completion/completion.ts")).completionCommand(shell),
      version: async (shell) => (await import("./server/version.ts")).versionCommand(shell),
      context: async (shell) => (await import("./contexts/context.ts")).contextCommand(shell),
      tls: async (shell) => (await import("./tls/tls.ts")).tlsCommand(shell),
    },
  },
];

/**
 * Makes the commands that call a server, in the groups of the help.
 *
 * @param only the name of the one that is wanted. Default, or if there is none of that name: all
 */
export async function clientCommands(shell: Shell, only?: string): Promise<CommandGroup[]> {
  // A completion is of all of them.
  const known =
    only !== "completion" && groups.some(({ loaders }) => only !== undefined && Object.hasOwn(loaders, only));
  return Promise.all(
    groups.map(async ({ name, loaders }) => {
      const wanted = Object.entries(loaders).filter(([each]) => !known || each === only);
      return { name, commands: await Promise.all(wanted.map(([, load]) => load(shell))) };
    }),
  );
}
