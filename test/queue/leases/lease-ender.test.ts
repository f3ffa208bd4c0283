import { describe, expect, it } from "vitest";
import { silentLog } from "../../../src/domain/log.ts";
import { LeaseEnder } from "../../../src/queue/leases/lease-ender.ts";
import { LeaseTable } from "../../../src/queue/leases/lease-table.ts";
import type { AttemptReport } from "../../../src/queue/leases/outcome-completer.ts";
import type { HeldLease } from "../../../src/queue/leases/watched-lease.ts";
import { WorkerStatistics } from "../../../src/queue/workers/worker-statistics.ts";
import type { SettleAnswer } from "../../../src/store/task-store.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { createTestRetries } from "../../harness/retries.ts";

const settled = { status: "settled", queue: "orders", state: "completed", scheduleMs: null } as const;
const unbounded = { attemptMs: null, leaseMs: null };

function leaseFor(changes: Partial<HeldLease> = {}): HeldLease {
  return { taskId: "1", attempt: 1, workerId: "w", leaseKind: "stream", queue: "orders", holder: "w", ...changes };
}

/** An ender whose workers write down what they are told, over a store that `complete` stands for. */
function createEnder(complete: (reports: readonly AttemptReport[]) => Promise<SettleAnswer[]>) {
  const clock = createFakeClock();
  const leases = new LeaseTable(clock);
  const reports: string[] = [];
  const cancelled: string[] = [];
  const ended: string[] = [];
  const watched = new Set<string>();
  const statistics = new WorkerStatistics(clock);
  const ender = new LeaseEnder({
    leases,
    completer: {
      complete(each) {
        reports.push(...each.map(({ taskId, outcome }) => `${taskId} ${outcome.kind}`));
        return complete(each);
      },
      reportEnded: (queue) => ended.push(queue),
    },
    workers: {
      watches: ({ taskId }) => watched.has(taskId),
      cancel: (leases, { why, words }) =>
        void cancelled.push(...leases.map(({ taskId }) => `${taskId} ${why} ${words}`.trim())),
    },
    statistics,
    retries: createTestRetries(clock),
    log: silentLog,
  });
  return { statistics, clock, leases, ender, reports, cancelled, ended, watched };
}

describe("a lease ender", () => {
  it("stores what is overdue in the table, and tells the worker to stop once that is stored", async () => {
    const stored = Promise.withResolvers<SettleAnswer[]>();
    const { leases, reports, cancelled, statistics } = createEnder(() => stored.promise);
    leases.open(leaseFor(), unbounded);
    leases.expire(leases.heldOverStream("w"));
    expect([reports, cancelled, leases.countOverStream("w")]).toEqual([["1 lease_lost"], [], 0]);
    expect(statistics.figuresOf("w").lost).toBe(0);
    stored.resolve([settled]);
    await new Promise(setImmediate);
    expect(cancelled).toEqual(["1 lease_lost"]);
    expect(statistics.figuresOf("w")).toMatchObject({ lost: 1, completed: 0, failed: 0, medianMs: null });
  });

  it("tells the worker nothing of an attempt that ended otherwise meanwhile", async () => {
    const { leases, ender, cancelled } = createEnder(async () => [{ status: "stale", state: "pending" }]);
    leases.open(leaseFor(), unbounded);
    await ender.endOverdue([leaseFor()], "timed_out");
    await ender.endOverdue([leaseFor({ taskId: "2" })], "timed_out");
    expect(cancelled).toEqual([]);
  });

  it("keeps what cannot be stored leased, and tries again until it is", async () => {
    let isFull = true;
    const { leases, ender, clock, cancelled, reports } = createEnder(async () => {
      if (isFull) throw new Error("the disk is full");
      return [settled];
    });
    leases.open(leaseFor(), unbounded);
    await ender.endOverdue([leaseFor()], "timed_out");
    expect(leases.countOverStream("w")).toBe(1);
    isFull = false;
    clock.advance(2_000);
    await new Promise(setImmediate);
    expect([cancelled, reports]).toEqual([["1 attempt_timeout"], ["1 timed_out", "1 timed_out"]]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("leaves a lease to a worker that came back before its end could be stored", async () => {
    const { leases, ender, clock, reports, watched } = createEnder(() => Promise.reject(new Error("the disk is full")));
    leases.open(leaseFor(), unbounded);
    await ender.endOverdue([leaseFor()], "lease_lost");
    watched.add("1");
    clock.advance(2_000);
    await new Promise(setImmediate);
    expect([reports, leases.countOverStream("w")]).toEqual([["1 lease_lost"], 1]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("tells workers of what was cancelled, and frees the place in the queue of what none holds", () => {
    const { leases, ender, cancelled, ended, reports } = createEnder(() => expect.unreachable());
    leases.open(leaseFor(), unbounded);
    const stopped = [leaseFor(), leaseFor({ taskId: "2", queue: "invoices" })];
    ender.endCancelled(
      stopped.map((lease) => ({ ...lease, serverId: null })),
      "not needed",
    );
    expect([cancelled, ended, reports]).toEqual([["1 cancelled not needed"], ["orders", "invoices"], []]);
  });

  it("tells the worker of a task that is delivered to it in the same turn, behind its cancellation", async () => {
    const { leases, ender, cancelled } = createEnder(() => expect.unreachable());
    ender.endCancelled([{ ...leaseFor(), serverId: null }], "not needed");
    await Promise.resolve();
    leases.open(leaseFor(), unbounded);
    await new Promise(setImmediate);
    expect([cancelled, leases.isHeld("1")]).toEqual([["1 cancelled not needed"], false]);
  });
});
