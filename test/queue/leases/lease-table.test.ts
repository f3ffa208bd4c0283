import { describe, expect, it } from "vitest";
import { holderOf, LeaseTable } from "../../../src/queue/leases/lease-table.ts";
import type { HeldLease } from "../../../src/queue/leases/watched-lease.ts";
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
  it("counts the unary leases of a worker beside those of its stream", () => {
    const { leases, clock } = createTable();
    const [first, second] = [leaseFor({ leaseKind: "unary" }), leaseFor({ taskId: "2", leaseKind: "unary" })];
    leases.open(first, unbounded);
    clock.advance(1);
    for (const lease of [second, leaseFor({ taskId: "3" })]) leases.open(lease, unbounded);
    expect([leases.countUnary("w"), leases.countOverStream("w"), leases.countUnary("x")]).toEqual([2, 1, 0]);
    expect([leases.oldestUnary("w")?.taskId, leases.oldestOverStream("w")?.taskId]).toEqual(["1", "3"]);
    for (const lease of [first, second]) leases.close(lease);
    expect([leases.countUnary("w"), leases.oldestUnary("w"), leases.countOverStream("w")]).toEqual([0, null, 1]);
  });

  it("reports a unary lease whose time is up, once, and keeps it until it is closed", async () => {
    const { leases, overdue, pass } = createTable();
    const lease = leaseFor({ leaseKind: "unary" });
    leases.open(lease, { attemptMs: null, leaseMs: 1_000 });
    await pass(900);
    expect(overdue).toEqual([]);
    await pass(5_000);
    expect(overdue).toEqual(["1 lease_lost"]);
    expect(leases.close(lease)).toMatchObject(lease);
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
    expect(leases.countOverStream("w")).toBe(1);
  });

  it("knows what a process holds over its stream, and nothing of unary leases", () => {
    const { leases } = createTable();
    leases.open(leaseFor({ taskId: "1" }), unbounded);
    leases.open(leaseFor({ taskId: "2", leaseKind: "unary" }), unbounded);
    leases.open(leaseFor({ taskId: "3", holder: holderOf("w", "a") }), unbounded);
    expect(leases.heldOverStream("w").map(({ taskId }) => taskId)).toEqual(["1"]);
    expect(leases.heldOverStream("w a").map(({ taskId }) => taskId)).toEqual(["3"]);
    expect(leases.countOverStream("nobody")).toBe(0);
  });

  it("knows them in their order, whichever end first", () => {
    const { leases } = createTable();
    for (const taskId of ["1", "2", "3", "4", "5"]) leases.open(leaseFor({ taskId }), unbounded);
    const left = () => leases.heldOverStream("w").map(({ taskId }) => taskId);
    for (const taskId of ["3", "1", "5"]) leases.close(leaseFor({ taskId }));
    expect([left(), leases.countOverStream("w")]).toEqual([["2", "4"], 2]);
    leases.open(leaseFor({ taskId: "1", attempt: 2 }), unbounded);
    leases.open(leaseFor({ taskId: "2", attempt: 2 }), unbounded);
    expect(left()).toEqual(["4", "1", "2"]);
    for (const taskId of ["4", "2"]) leases.close(leaseFor({ taskId, attempt: taskId === "4" ? 1 : 2 }));
    expect([left(), leases.streamOf("4"), leases.streamOf("1")]).toEqual([["1"], null, "w"]);
  });

  it("hands the leases of one process to another, with their clocks", async () => {
    const { leases, overdue, pass } = createTable();
    leases.open(leaseFor(), { attemptMs: 500, leaseMs: null });
    leases.adopt("w", "w a");
    leases.adopt("w a", "w a");
    expect(leases.countOverStream("w")).toBe(0);
    expect([leases.heldOverStream("w a")[0]?.holder, leases.streamOf("1")]).toEqual(["w a", "w a"]);
    await pass(500);
    expect(overdue).toEqual(["1 timed_out"]);
  });

  it("reopens a lease for what is left of its attempt", async () => {
    const { leases, overdue, pass } = createTable();
    const lease = leaseFor();
    leases.open(lease, { attemptMs: 1_000, leaseMs: null });
    await pass(600);
    const closed = leases.close(lease);
    await pass(100);
    if (closed !== null) leases.reopen(closed);
    await pass(200);
    expect(overdue).toEqual([]);
    await pass(100);
    expect(overdue).toEqual(["1 timed_out"]);
  });

  it("reports leases as lost where it is asked to, and leaves them open", () => {
    const { leases, overdue } = createTable();
    leases.open(leaseFor(), unbounded);
    leases.expire(leases.heldOverStream("w"));
    expect(overdue).toEqual(["1 lease_lost"]);
    expect(leases.countOverStream("w")).toBe(1);
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
