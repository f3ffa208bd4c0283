/** What is wrong, from facts alone. The rules: docs/operations.md, "What is wrong?". */

import type {
  MonitorFacts,
  ServerFacts,
  ServiceFacts,
  SubscriptionFacts,
  Thresholds,
  WorkerFacts,
  WorkflowFacts,
} from "./facts.ts";
import { argument, counted, type Finding, type ProblemSubject, spanText, tasksThat, type Words } from "./problem.ts";
import { ProblemList } from "./problem-list.ts";

const dayMs = 86_400_000;
/** How long before its end a certificate is a problem. */
const certificateMs = { warning: 14 * dayMs, critical: dayMs };

/** Finds everything that is wrong but with queues. */
export function findProblems(facts: MonitorFacts, thresholds: Thresholds): ProblemList {
  const list = new ProblemList();
  addServer(list, facts.server, thresholds);
  for (const worker of facts.workers) addWorker(list, worker, thresholds);
  for (const subscription of facts.subscriptions) addSubscription(list, subscription, thresholds);
  for (const workflow of facts.workflows) addWorkflow(list, workflow);
  for (const service of facts.services) addService(list, service);
  return list;
}

/** Adds something that is wrong with the server. */
function addOfServer(list: ProblemList, found: Pick<Finding, "severity" | "kind"> & Partial<Finding> & Words): void {
  const { severity, kind, count = 0, message, command } = found;
  list.add({ severity, kind, subject: null, sinceMs: null, count }, () => ({ message, command }));
}

function addServer(list: ProblemList, server: ServerFacts, { nowMs }: Thresholds): void {
  const { isDiskLow, freeBytes, damages, isDraining, refusals } = server;
  if (isDiskLow) {
    const free = counted(Math.floor(freeBytes / 1_000_000), "MB free");
    addOfServer(list, {
      severity: "critical",
      kind: "disk_low",
      message: `The disk is nearly full (${free}): new work is refused with DISK_LOW.`,
      command: "sitq queues",
    });
  }
  if (damages > 0) {
    const items = counted(damages, damages === 1 ? "item was" : "items were");
    addOfServer(list, {
      severity: "critical",
      kind: "data_damaged",
      count: damages,
      message: `Stored data is damaged: ${items} found so since the server started. A backup names them.`,
      command: "sitq backup check.db",
    });
  }
  if (isDraining) {
    const message = "The server drains: it hands out nothing more, and stops when what runs is done.";
    addOfServer(list, { severity: "warning", kind: "server_draining", message, command: "sitq health" });
  }
  addCertificate(list, server.certificateExpireMs, nowMs);
  if (refusals > 0) {
    const calls = counted(refusals, refusals === 1 ? "call was" : "calls were");
    addOfServer(list, {
      severity: "notice",
      kind: "calls_refused",
      count: refusals,
      message: `${calls} refused for missing rights or credentials within the last hour.`,
      command: "sitq audit --refused",
    });
  }
}

function addCertificate(list: ProblemList, expireMs: number | null, nowMs: number): void {
  if (expireMs === null || expireMs - nowMs > certificateMs.warning) return;
  const leftMs = expireMs - nowMs;
  const renew = "Renew its files; the server reads them again by itself.";
  const ends = leftMs <= 0 ? "has expired" : `expires in ${spanText(leftMs)}`;
  addOfServer(list, {
    severity: leftMs <= certificateMs.critical ? "critical" : "warning",
    kind: "certificate_expiring",
    message: `The server's certificate ${ends}. ${renew}`,
    command: "sitq version",
  });
}

function addWorker(list: ProblemList, worker: WorkerFacts, { nowMs, leaseDurationMs }: Thresholds): void {
  const { workerId, state, inFlight: count, lastSeenMs } = worker;
  const subject: ProblemSubject = { kind: "worker", name: workerId };
  const command = "sitq workers";
  if (state === "disconnected") {
    list.add({ severity: "warning", kind: "worker_lost", subject, sinceMs: lastSeenMs, count }, () => ({
      message: `Worker ${workerId} is gone; ${tasksThat(count, "wait")} for the end of its lease.`,
      command,
    }));
  } else if (nowMs - lastSeenMs > leaseDurationMs / 2) {
    list.add({ severity: "warning", kind: "worker_silent", subject, sinceMs: lastSeenMs, count }, (atMs) => ({
      message: `Worker ${workerId} has been silent for ${spanText(atMs - lastSeenMs)}; its leases end after ${spanText(leaseDurationMs)}.`,
      command,
    }));
  } else if (state === "draining") {
    list.add({ severity: "notice", kind: "worker_draining", subject, sinceMs: null, count }, () => ({
      message: `Worker ${workerId} drains: it gets no further tasks, and runs ${count}.`,
      command,
    }));
  }
}

function addSubscription(
  list: ProblemList,
  { name, state, oldestWaitingMs: sinceMs }: SubscriptionFacts,
  { nowMs, maxWaitMs }: Thresholds,
): void {
  // What waits for a live one waits in its queue, whose problem it is.
  if (sinceMs === null || state === "live") return;
  const subject: ProblemSubject = { kind: "subscription", name };
  if (state === "paused") {
    list.add({ severity: "warning", kind: "subscription_paused", subject, sinceMs, count: 0 }, (atMs) => ({
      message: `Subscription ${name} is paused, and events wait for it, the oldest for ${spanText(atMs - sinceMs)}.`,
      command: `sitq subscription resume ${argument(name)}`,
    }));
    return;
  }
  const severity = nowMs - sinceMs > maxWaitMs ? "warning" : "notice";
  list.add({ severity, kind: "subscription_behind", subject, sinceMs, count: 0 }, (atMs) => ({
    message: `Subscription ${name} is catching up with events from ${spanText(atMs - sinceMs)} ago.`,
    command: `sitq subscription show ${argument(name)}`,
  }));
}

function addWorkflow(list: ProblemList, { id, name, trouble, sinceMs }: WorkflowFacts): void {
  const found = { subject: { kind: "workflow", name: id }, sinceMs, count: 0 } as const;
  const command = `sitq workflows show ${id}`;
  const workflow = `Workflow ${name} (${id})`;
  switch (trouble) {
    case "compensation_failed":
      list.add({ ...found, severity: "critical", kind: "compensation_failed" }, () => ({
        message: `${workflow} failed, and so did a compensation: completed steps are not undone.`,
        command,
      }));
      return;
    case "failed":
      list.add({ ...found, severity: "warning", kind: "workflow_failed" }, () => ({
        message: `${workflow} failed.`,
        command,
      }));
      return;
    case "stuck":
      list.add({ ...found, severity: "warning", kind: "workflow_stuck" }, (atMs) => ({
        message: `${workflow} is stuck: no step runs, and none has ended for ${spanText(atMs - sinceMs)}.`,
        command,
      }));
  }
}

function addService(list: ProblemList, { serviceName, instances, healthy, draining }: ServiceFacts): void {
  const unhealthy = instances - healthy - draining;
  const subject: ProblemSubject = { kind: "service", name: serviceName };
  const command = `sitq instances ${serviceName} --unhealthy`;
  if (unhealthy === 0) {
    if (healthy > 0 || draining === 0) return;
    const drain = draining === 1 ? "The only instance" : `All ${counted(draining, "instances")}`;
    list.add({ severity: "warning", kind: "instances_draining", subject, sinceMs: null, count: draining }, () => ({
      message: `${drain} of service ${serviceName} ${draining === 1 ? "drains" : "drain"}: none takes new calls.`,
      command,
    }));
    return;
  }
  const severity = healthy === 0 ? "critical" : "warning";
  list.add({ severity, kind: "instances_unhealthy", subject, sinceMs: null, count: unhealthy }, () => ({
    message: `${unhealthy} of ${counted(instances, instances === 1 ? "instance" : "instances")} of service ${serviceName} ${unhealthy === 1 ? "is" : "are"} unhealthy.`,
    command,
  }));
}
