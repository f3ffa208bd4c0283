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
import { argument, counted, inOrder, type Problem, type ProblemSubject, spanText, tasksThat } from "./problem.ts";
import { queueFindings, queueProblem } from "./queue-problems.ts";

const dayMs = 86_400_000;
/** How long before its end a certificate is a problem. */
const certificateMs = { warning: 14 * dayMs, critical: dayMs };

/** Finds everything that is wrong, worst first. */
export function findProblems(facts: MonitorFacts, thresholds: Thresholds): Problem[] {
  const found: Problem[] = serverProblems(facts.server, thresholds);
  for (const queue of facts.queues) {
    for (const finding of queueFindings(queue, thresholds)) found.push(queueProblem(queue, finding, thresholds));
  }
  for (const worker of facts.workers) found.push(...some(workerProblem(worker, thresholds)));
  for (const subscription of facts.subscriptions) found.push(...some(subscriptionProblem(subscription, thresholds)));
  for (const workflow of facts.workflows) found.push(workflowProblem(workflow, thresholds));
  for (const service of facts.services) found.push(...some(serviceProblem(service)));
  return inOrder(found);
}

function some(problem: Problem | null): readonly Problem[] {
  return problem === null ? [] : [problem];
}

type Found = Pick<Problem, "severity" | "kind" | "message"> & Partial<Problem>;

function problem(kind: ProblemSubject["kind"] | null, name: string, found: Found): Problem {
  const subject = kind === null ? null : { kind, name };
  return { subject, sinceMs: null, count: 0, command: "", subjectCount: 1, ...found };
}

function serverProblems(server: ServerFacts, { nowMs }: Thresholds): Problem[] {
  const found: Problem[] = [];
  if (server.isDiskLow) {
    const free = Math.floor(server.freeBytes / 1_000_000);
    found.push(
      problem(null, "", {
        severity: "critical",
        kind: "disk_low",
        message: `The disk is nearly full (${counted(free, "MB free")}): new work is refused with DISK_LOW.`,
        command: "sitq queues",
      }),
    );
  }
  if (server.damages > 0) {
    found.push(
      problem(null, "", {
        severity: "critical",
        kind: "data_damaged",
        message: `Stored data is damaged: ${counted(server.damages, server.damages === 1 ? "item was" : "items were")} found so since the server started. A backup names them.`,
        count: server.damages,
        command: "sitq backup check.db",
      }),
    );
  }
  if (server.isDraining) {
    const message = "The server drains: it hands out nothing more, and stops when what runs is done.";
    found.push(problem(null, "", { severity: "warning", kind: "server_draining", message, command: "sitq health" }));
  }
  found.push(...some(certificateProblem(server.certificateExpireMs, nowMs)));
  if (server.refusals > 0) {
    found.push(
      problem(null, "", {
        severity: "notice",
        kind: "calls_refused",
        message: `${counted(server.refusals, server.refusals === 1 ? "call was" : "calls were")} refused for missing rights or credentials within the last hour.`,
        count: server.refusals,
        command: "sitq audit --refused",
      }),
    );
  }
  return found;
}

function certificateProblem(expireMs: number | null, nowMs: number): Problem | null {
  if (expireMs === null || expireMs - nowMs > certificateMs.warning) return null;
  const leftMs = expireMs - nowMs;
  const renew = "Renew its files; the server reads them again by itself.";
  const ends = leftMs <= 0 ? "has expired" : `expires in ${spanText(leftMs)}`;
  return problem(null, "", {
    severity: leftMs <= certificateMs.critical ? "critical" : "warning",
    kind: "certificate_expiring",
    message: `The server's certificate ${ends}. ${renew}`,
    command: "sitq version",
  });
}

function workerProblem(worker: WorkerFacts, { nowMs, leaseDurationMs }: Thresholds): Problem | null {
  const { workerId, state, inFlight, lastSeenMs } = worker;
  const silentMs = nowMs - lastSeenMs;
  if (state === "disconnected") {
    return problem("worker", workerId, {
      severity: "warning",
      kind: "worker_lost",
      message: `Worker ${workerId} is gone; ${tasksThat(inFlight, "wait")} for the end of its lease.`,
      sinceMs: lastSeenMs,
      count: inFlight,
      command: "sitq workers",
    });
  }
  if (silentMs > leaseDurationMs / 2) {
    return problem("worker", workerId, {
      severity: "warning",
      kind: "worker_silent",
      message: `Worker ${workerId} has been silent for ${spanText(silentMs)}; its leases end after ${spanText(leaseDurationMs)}.`,
      sinceMs: lastSeenMs,
      count: inFlight,
      command: "sitq workers",
    });
  }
  if (state !== "draining") return null;
  return problem("worker", workerId, {
    severity: "notice",
    kind: "worker_draining",
    message: `Worker ${workerId} drains: it gets no further tasks, and runs ${inFlight}.`,
    count: inFlight,
    command: "sitq workers",
  });
}

function subscriptionProblem(subscription: SubscriptionFacts, { nowMs, maxWaitMs }: Thresholds): Problem | null {
  const { name, state, oldestWaitingMs: sinceMs } = subscription;
  // What waits for a live one waits in its queue, whose problem it is.
  if (sinceMs === null || state === "live") return null;
  const ago = spanText(nowMs - sinceMs);
  if (state === "paused") {
    return problem("subscription", name, {
      severity: "warning",
      kind: "subscription_paused",
      message: `Subscription ${name} is paused, and events wait for it, the oldest for ${ago}.`,
      sinceMs,
      command: `sitq subscription resume ${argument(name)}`,
    });
  }
  return problem("subscription", name, {
    severity: nowMs - sinceMs > maxWaitMs ? "warning" : "notice",
    kind: "subscription_behind",
    message: `Subscription ${name} is catching up with events from ${ago} ago.`,
    sinceMs,
    command: `sitq subscription show ${argument(name)}`,
  });
}

function workflowProblem({ id, name, trouble, sinceMs }: WorkflowFacts, { nowMs }: Thresholds): Problem {
  const command = `sitq workflows show ${id}`;
  const common = { sinceMs, command };
  const workflow = `Workflow ${name} (${id})`;
  switch (trouble) {
    case "compensation_failed": {
      const message = `${workflow} failed, and so did a compensation: completed steps are not undone.`;
      return problem("workflow", id, { ...common, severity: "critical", kind: "compensation_failed", message });
    }
    case "failed": {
      const message = `${workflow} failed.`;
      return problem("workflow", id, { ...common, severity: "warning", kind: "workflow_failed", message });
    }
    case "stuck": {
      const message = `${workflow} is stuck: no step runs, and none has ended for ${spanText(nowMs - sinceMs)}.`;
      return problem("workflow", id, { ...common, severity: "warning", kind: "workflow_stuck", message });
    }
  }
}

function serviceProblem({ serviceName, instances, healthy }: ServiceFacts): Problem | null {
  const unhealthy = instances - healthy;
  if (unhealthy === 0) return null;
  return problem("service", serviceName, {
    severity: healthy === 0 ? "critical" : "warning",
    kind: "instances_unhealthy",
    message: `${unhealthy} of ${counted(instances, instances === 1 ? "instance" : "instances")} of service ${serviceName} ${unhealthy === 1 ? "is" : "are"} unhealthy.`,
    count: unhealthy,
    command: `sitq instances ${serviceName} --unhealthy`,
  });
}
