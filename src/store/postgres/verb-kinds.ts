import type { StoreVerbs } from "../store.ts";

/**
 * What is refused while the database is away: new work and reads, which their callers repeat. All other calls wait: what ends work, and
 * what the server does by itself.
 */
export const refusedWhileAway: ReadonlySet<keyof StoreVerbs> = new Set<keyof StoreVerbs>([
  "enqueue",
  "publish",
  "startWorkflows",
  "get",
  "queuesOf",
  "list",
  "listFailures",
  "readWaits",
  "getQueue",
  "listQueues",
  "getEvent",
  "listEvents",
  "getSubscription",
  "listSubscriptions",
  "getWorkflow",
  "listWorkflows",
  "listStuckWorkflows",
  "readWorkflowWaits",
  "listAudit",
  "accessRevision",
  "measure",
]);
