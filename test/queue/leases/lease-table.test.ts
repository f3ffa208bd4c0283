import { describe, expect, it } from "vitest";
import { type HeldLease, holderOf, LeaseTable } from "../../../src/queue/leases/lease-table.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";

const unbounded = { attemptMs: null, leaseMs: null };

function leaseFor(changes: Partial<HeldLease> = {}): HeldLease {
  return { taskId: "1", attempt: 1, workerId: "w", leaseKind: "stream", queue: "orders", holder: "w", ...changes };
}

/** A table, and what it has reported as overdue. */
function createTable() {
  const clock = createFakeClock();
  const leases = new LeaseTable(clock);
  const overdue: string[] = [];
  leases.onOverdue((lost, why) => overdue.push(...lost.map(({ taskId }) => `${taskId} ${why}`)));
  return {
    clock,
    leases,
    overdue,
    /** Lets time pass in steps that are no standstill, and waits for what is judged after the sockets were read. */
    async pass(ms: number) {
      for (let left = ms; left > 0; left -= 100) clock.advance(Math.min(left, 100));
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe("a lease table", () => {
  it("reports a unary lease whose time is up, once, and keeps it until it is closed", async () => {
    const { leases, overdue, pass } = createTable();
    const lease = leaseFor({ leaseKind: "unary" });
    leases.open(lease, { attemptMs: null, leaseMs: 1_000 });
    await pass(900);
    expect(overdue).toEqual([]);
    await pass(5_000);
    expect(overdue).toEqual(["1 lease_lost"]);
    expect(leases.close(lease)).toEqual(lease);
    expect(leases.close(lease)).toBeNull();
  });

  it("reports an attempt that runs too long, whatever keeps its lease", async () => {
    const { leases, overdue, pass } = createTable();
    leases.open(leaseFor(), { attemptMs: 500, leaseMs: null });
    leases.open(leaseFor({ taskId: "2", leaseKind: "unary" }), { attemptMs: 500, leaseMs: 9_000 });
    await pass(500);
    expect(overdue).toEqual(["1 timed_out", "2 timed_out"]);
  });

  it("starts the time of a unary lease afresh, and of no other", async () => {
    const { leases, overdue, pass } = createTable();
    const lease = leaseFor({ leaseKind: "unary" });
    leases.open(lease, { attemptMs: null, leaseMs: 1_000 });
    await pass(800);
    leases.extend({ ...lease, attempt: 2 }, 60_000);
    leases.extend({ ...lease, workerId: "other" }, 60_000);
    leases.extend({ ...lease, leaseKind: "stream" }, 60_000);
    leases.extend(lease, 1_000);
    await pass(900);
    expect(overdue).toEqual([]);
    await pass(200);
    expect(overdue).toEqual(["1 lease_lost"]);
  });

  it.each([
    ["attempt", { attempt: 2 }],
    ["worker", { workerId: "other" }],
    ["kind", { leaseKind: "unary" as const }],
  ])("does not close a lease of another %s", (_, changes) => {
    const { leases } = createTable();
    leases.open(leaseFor(), unbounded);
    expect(leases.close(leaseFor(changes))).toBeNull();
    expect(leases.heldOverStream("w").size).toBe(1);
  });

  it("knows what a process holds over its stream, and nothing of unary leases", () => {
    const { leases } = createTable();
    leases.open(leaseFor({ taskId: "1" }), unbounded);
    leases.open(leaseFor({ taskId: "2", leaseKind: "unary" }), unbounded);
    leases.open(leaseFor({ taskId: "3", holder: holderOf("w", "a") }), unbounded);
    expect([...leases.heldOverStream("w").keys()]).toEqual(["1"]);
    expect([...leases.heldOverStream("w a").keys()]).toEqual(["3"]);
    expect(leases.heldOverStream("nobody").size).toBe(0);
  });

  it("hands the leases of one process to another, with their clocks", async () => {
    const { leases, overdue, pass } = createTable();
    leases.open(leaseFor(), { attemptMs: 500, leaseMs: null });
    leases.adopt("w", "w a");
    leases.adopt("w a", "w a");
    expect(leases.heldOverStream("w").size).toBe(0);
    expect(leases.heldOverStream("w a").get("1")?.holder).toBe("w a");
    await pass(500);
    expect(overdue).toEqual(["1 timed_out"]);
  });

  it("reopens a lease for what is left of its attempt", async () => {
    const { leases, overdue, pass } = createTable();
    const lease = leaseFor();
    leases.open(lease, { attemptMs: 1_000, leaseMs: null });
    await pass(600);
    leases.close(lease);
    await pass(100);
    leases.reopen(lease);
    await pass(200);
    expect(overdue).toEqual([]);
    await pass(100);
    expect(overdue).toEqual(["1 timed_out"]);
  });

  it("reports leases as lost where it is asked to, and leaves them open", () => {
    const { leases, overdue } = createTable();
    leases.open(leaseFor(), unbounded);
    leases.expire(leases.heldOverStream("w").values());
    expect(overdue).toEqual(["1 lease_lost"]);
    expect(leases.heldOverStream("w").size).toBe(1);
  });

  it("calls who listens whenever a lease is closed, until they stop", () => {
    const { leases } = createTable();
    let closed = 0;
    const forget = leases.onClosed(() => closed++);
    for (const taskId of ["1", "2", "3"]) leases.open(leaseFor({ taskId }), unbounded);
    leases.close(leaseFor({ taskId: "1" }));
    leases.close(leaseFor({ taskId: "9" }));
    forget();
    leases.close(leaseFor({ taskId: "2" }));
    expect(closed).toBe(1);
  });

  it("leaves no timer when it stops", () => {
    const { leases, clock } = createTable();
    leases.open(leaseFor({ leaseKind: "unary" }), { attemptMs: 1_000, leaseMs: 1_000 });
    leases.open(leaseFor({ taskId: "2" }), { attemptMs: 1_000, leaseMs: null });
    leases.stop();
    leases.stop();
    expect(clock.pendingTimers).toBe(0);
  });
});
