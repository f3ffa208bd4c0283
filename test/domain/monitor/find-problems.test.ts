import { describe, expect, it } from "vitest";
import type {
  MonitorFacts,
  QueueFacts,
  ServerFacts,
  SubscriptionFacts,
  WorkerFacts,
  WorkflowFacts,
} from "../../../src/domain/monitor/facts.ts";
import { findProblems } from "../../../src/domain/monitor/find-problems.ts";
import { ProblemList, worstFirst } from "../../../src/domain/monitor/problem-list.ts";
import { addQueueFindings, queueFindings } from "../../../src/domain/monitor/queue-problems.ts";

const nowMs = Date.UTC(2026, 6, 1, 12);
const minuteMs = 60_000;
const thresholds = { nowMs, maxWaitMs: 5 * minuteMs, leaseDurationMs: 30_000 };
const noCounts = { blocked: 0, scheduled: 0, pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0 };

function queue(changes: Partial<QueueFacts> = {}, counts: Partial<QueueFacts["counts"]> = {}): QueueFacts {
  return {
    name: "mail",
    paused: false,
    depthLimit: 1_000,
    maxRunning: 0,
    counts: { ...noCounts, ...counts },
    oldestReadyMs: (counts.pending ?? 0) > 0 ? nowMs - 1_000 : null,
    workers: 1,
    unhandled: [],
    handOutRate: 0,
    failures: null,
    ...changes,
  };
}

function worker(changes: Partial<WorkerFacts> = {}): WorkerFacts {
  return { workerId: "w1", queues: ["mail"], state: "connected", inFlight: 3, lastSeenMs: nowMs, ...changes };
}

function subscription(changes: Partial<SubscriptionFacts> = {}): SubscriptionFacts {
  return { name: "billing", queue: "billing", filter: { types: [] }, state: "live", oldestWaitingMs: null, ...changes };
}

const workflow: WorkflowFacts = { id: "f1", name: "order", trouble: "failed", sinceMs: nowMs - 1_000, queues: [] };
const server: ServerFacts = {
  isDiskLow: false,
  freeBytes: 1e9,
  damages: 0,
  isDraining: false,
  certificateExpireMs: null,
  refusals: 0,
};

/** What there may be of facts. */
type Facts = Partial<MonitorFacts> & { readonly queues?: readonly QueueFacts[] };

function problems({ queues = [], ...facts }: Facts) {
  const ofQueues = new ProblemList();
  for (const queue of queues) addQueueFindings(ofQueues, queue, queueFindings(queue, thresholds));
  const none = { workers: [], subscriptions: [], workflows: [], services: [], server };
  return worstFirst([ofQueues, findProblems({ ...none, ...facts }, thresholds)], nowMs);
}

/** What is wrong, in short: severity, kind, count and the next command. */
function shown(facts: Facts): string[] {
  return problems(facts).map(({ severity, kind, count, command }) => `${severity} ${kind} ${count}: ${command}`);
}

const longAgo = nowMs - 6 * minuteMs;
const cases: readonly (readonly [what: string, facts: Facts, wanted: string | null])[] = [
  ["an empty queue without a worker", { queues: [queue({ workers: 0 })] }, null],
  ["waiting tasks with a worker", { queues: [queue({}, { pending: 5 })] }, null],
  [
    "waiting tasks without a worker",
    { queues: [queue({ workers: 0 }, { pending: 5 })] },
    "critical no_worker 5: sitq work mail --exec 'COMMAND'",
  ],
  [
    "tasks that callers without a stream claim",
    { queues: [queue({ workers: 0, handOutRate: 1 }, { pending: 5 })] },
    null,
  ],
  [
    "types that no worker takes",
    { queues: [queue({ unhandled: [{ type: "send", count: 4 }] }, { pending: 5 })] },
    "critical no_handler 4: sitq workers --queue mail",
  ],
  [
    "a paused queue with tasks, whatever else",
    { queues: [queue({ paused: true, workers: 0, oldestReadyMs: longAgo }, { pending: 5 })] },
    "warning paused 5: sitq resume mail",
  ],
  ["a paused queue without tasks", { queues: [queue({ paused: true }, { running: 1 })] }, null],
  ["a full queue", { queues: [queue({}, { blocked: 1_000 })] }, "critical queue_full 1000: sitq queue mail"],
  ["a nearly full queue", { queues: [queue({}, { running: 900 })] }, "warning queue_nearly_full 900: sitq queue mail"],
  ["a queue below that", { queues: [queue({}, { running: 899 })] }, null],
  [
    "a long wait",
    { queues: [queue({ oldestReadyMs: longAgo }, { pending: 5 })] },
    "warning long_wait 5: sitq workers --queue mail",
  ],
  [
    "a wait that is long enough, and no longer",
    { queues: [queue({ oldestReadyMs: nowMs - 5 * minuteMs }, { pending: 5 })] },
    null,
  ],
  [
    "the limit of running tasks with a backlog",
    { queues: [queue({ maxRunning: 2 }, { pending: 5, running: 2 })] },
    "notice max_running 5: sitq set mail --max-running NUMBER",
  ],
  [
    "the same, for long",
    { queues: [queue({ maxRunning: 2, oldestReadyMs: longAgo }, { pending: 5, running: 2 })] },
    "warning max_running 5: sitq set mail --max-running NUMBER",
  ],
  ["the limit without a backlog", { queues: [queue({ maxRunning: 2 }, { running: 2 })] }, null],
  [
    "failures",
    { queues: [queue({ failures: { count: 7, sinceMs: longAgo } })] },
    "warning tasks_failed 7: sitq failures mail",
  ],
  ["a worker that is well", { workers: [worker()] }, null],
  ["a lost worker", { workers: [worker({ state: "disconnected" })] }, "warning worker_lost 3: sitq workers"],
  ["a silent worker", { workers: [worker({ lastSeenMs: nowMs - 15_001 })] }, "warning worker_silent 3: sitq workers"],
  ["a draining worker", { workers: [worker({ state: "draining" })] }, "notice worker_draining 3: sitq workers"],
  ["a live subscription with a backlog", { subscriptions: [subscription({ oldestWaitingMs: longAgo })] }, null],
  [
    "a subscription that catches up",
    { subscriptions: [subscription({ state: "catching_up", oldestWaitingMs: nowMs - 1_000 })] },
    "notice subscription_behind 0: sitq subscription show billing",
  ],
  [
    "one that is far behind",
    { subscriptions: [subscription({ state: "catching_up", oldestWaitingMs: longAgo })] },
    "warning subscription_behind 0: sitq subscription show billing",
  ],
  [
    "a paused one with events",
    { subscriptions: [subscription({ name: "it's", state: "paused", oldestWaitingMs: longAgo })] },
    "warning subscription_paused 0: sitq subscription resume 'it'\\''s'",
  ],
  ["a paused one without", { subscriptions: [subscription({ state: "paused" })] }, null],
  ["a failed workflow", { workflows: [workflow] }, "warning workflow_failed 0: sitq workflows show f1"],
  [
    "a failed compensation",
    { workflows: [{ ...workflow, trouble: "compensation_failed" }] },
    "critical compensation_failed 0: sitq workflows show f1",
  ],
  [
    "a stuck workflow",
    { workflows: [{ ...workflow, trouble: "stuck" }] },
    "warning workflow_stuck 0: sitq workflows show f1",
  ],
  ["a healthy service", { services: [{ serviceName: "stock", instances: 2, healthy: 2, draining: 0 }] }, null],
  [
    "an unhealthy instance",
    { services: [{ serviceName: "stock", instances: 2, healthy: 1, draining: 0 }] },
    "warning instances_unhealthy 1: sitq instances stock --unhealthy",
  ],
  [
    "no healthy instance",
    { services: [{ serviceName: "stock", instances: 2, healthy: 0, draining: 0 }] },
    "critical instances_unhealthy 2: sitq instances stock --unhealthy",
  ],
  ["a draining instance", { services: [{ serviceName: "stock", instances: 2, healthy: 1, draining: 1 }] }, null],
  [
    "an unhealthy instance beside a draining one",
    { services: [{ serviceName: "stock", instances: 2, healthy: 0, draining: 1 }] },
    "critical instances_unhealthy 1: sitq instances stock --unhealthy",
  ],
  [
    "a service whose instances all drain",
    { services: [{ serviceName: "stock", instances: 2, healthy: 0, draining: 2 }] },
    "warning instances_draining 2: sitq instances stock --unhealthy",
  ],
  ["a full disk", { server: { ...server, isDiskLow: true } }, "critical disk_low 0: sitq queues"],
  ["damaged data", { server: { ...server, damages: 2 } }, "critical data_damaged 2: sitq backup check.db"],
  ["a drain", { server: { ...server, isDraining: true } }, "warning server_draining 0: sitq health"],
  ["refused calls", { server: { ...server, refusals: 9 } }, "notice calls_refused 9: sitq audit --refused"],
  ["a certificate for long", { server: { ...server, certificateExpireMs: nowMs + 15 * 1_440 * minuteMs } }, null],
  [
    "a certificate that ends",
    { server: { ...server, certificateExpireMs: nowMs + 13 * 1_440 * minuteMs } },
    "warning certificate_expiring 0: sitq version",
  ],
  [
    "a certificate that has ended",
    { server: { ...server, certificateExpireMs: nowMs - 1 } },
    "critical certificate_expiring 0: sitq version",
  ],
];

describe("what is wrong", () => {
  it.each(cases)("of %s", (_, facts, wanted) => {
    expect(shown(facts)).toEqual(wanted === null ? [] : [wanted]);
  });

  it("is shown worst first, and of one kind the longest first", () => {
    const facts = {
      queues: [
        queue({ name: "young", workers: 0 }, { pending: 9 }),
        queue({ name: "old", workers: 0, oldestReadyMs: longAgo }, { pending: 1 }),
        queue({ failures: { count: 7, sinceMs: longAgo } }),
      ],
      workers: [worker({ state: "draining" })],
      server: { ...server, isDiskLow: true },
    };
    expect(problems(facts).map(({ kind, subject }) => `${kind} ${subject?.name ?? ""}`)).toEqual([
      "disk_low ",
      "no_worker old",
      "no_worker young",
      "tasks_failed mail",
      "worker_draining w1",
    ]);
  });

  it("is put together where too many have the same", () => {
    const queues = Array.from({ length: 10_000 }, (_, n) => queue({ name: `q${n}`, workers: 0 }, { pending: 2 }));
    const found = problems({ queues });
    expect(found).toHaveLength(21);
    expect(found.at(-1)).toMatchObject({ subject: null, count: 19_960, subjectCount: 9_980, command: "sitq queues" });
    expect(found.at(-1)?.message).toContain("9,980 further queues have the same problem");
  });

  it("is said in one sentence", () => {
    const [problem] = problems({ queues: [queue({ workers: 0, oldestReadyMs: longAgo }, { pending: 1 })] });
    expect(problem).toMatchObject({ message: "1 task waits in queue mail, which has no worker.", sinceMs: longAgo });
    // Tasks that are retried and fail again are counted twice.
    const failed = (count: number) =>
      problems({ queues: [queue({ failures: { count, sinceMs: longAgo } })] })[0]?.message;
    expect(failed(1)).toBe("A task of queue mail failed within the last hour.");
    expect(failed(1_591)).toBe("Tasks of queue mail failed 1,591 times within the last hour.");
  });
});
