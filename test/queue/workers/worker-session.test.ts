import { describe, expect, it } from "vitest";
import { invalidField, SitqError } from "../../../src/domain/errors.ts";
import type { Consumer } from "../../../src/queue/dispatch/consumer.ts";
import { LeaseTable } from "../../../src/queue/leases/lease-table.ts";
import type { AttemptReport } from "../../../src/queue/leases/outcome-completer.ts";
import type { WorkerChannel } from "../../../src/queue/workers/worker-channel.ts";
import { WorkerSession } from "../../../src/queue/workers/worker-session.ts";
import { WorkerStatistics } from "../../../src/queue/workers/worker-statistics.ts";
import type { SettleAnswer } from "../../../src/store/task-store.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { createTestRetries } from "../../harness/retries.ts";
import { claimedTask } from "../dispatch/queue-parts.ts";

const leaseDurationMs = 30_000;
const heartbeatIntervalMs = 10_000;
const hello = {
  workerId: "w",
  service: "",
  queues: ["orders"],
  types: [],
  capacity: 4,
  weight: 0,
  address: "",
  metadata: {},
  incarnation: "a",
  held: [],
};

interface Scripted {
  complete?(reports: readonly AttemptReport[]): Promise<SettleAnswer[]>;
}

/** A session with a channel that writes down what is sent, and parts that write down what is asked of them. */
function createSession({ complete = async () => [] }: Scripted = {}) {
  const clock = createFakeClock();
  const leases = new LeaseTable(clock);
  const statistics = new WorkerStatistics(clock);
  const sent: string[] = [];
  const log: string[] = [];
  let isWritable = true;
  let onWritable: () => void = () => undefined;
  const send = (what: string) => {
    sent.push(what);
    return isWritable;
  };
  const channel: WorkerChannel = {
    welcome: () => undefined,
    tasks: (tasks) => send(`tasks ${tasks.map(({ id }) => id).join(" ")}`),
    settled: (_, statuses) =>
      send(`settled ${statuses.map((status) => (status instanceof SitqError ? status.reason : status)).join(" ")}`),
    cancel: (tasks) => send(`cancel ${tasks.map(({ taskId }) => taskId).join(" ")}`),
    drain: (graceMs, reason) => send(`drain ${graceMs} ${reason}`),
    heartbeat: () => send("heartbeat"),
    end: (error) => void sent.push(`end ${error?.reason ?? ""}`.trim()),
    onWritable(listener) {
      onWritable = listener;
    },
  };
  leases.onOverdue((lost, why) => log.push(`${why} ${lost.map(({ taskId }) => taskId).join(" ")}`));
  const dispatcher = {
    freed: (consumer: Consumer) => void log.push(`freed ${consumer.id}`),
    remove: (consumer: Consumer) => void log.push(`removed ${consumer.id}`),
  };
  const session = new WorkerSession(
    {
      clock,
      retries: createTestRetries(clock),
      settings: { leaseDurationMs, heartbeatIntervalMs },
      store: { updateLeases: async (updates) => updates.map(() => "updated" as const) },
      leases,
      completer: {
        complete,
        giveBack: (given, outcome = { kind: "unsent" }) =>
          void log.push(`given back ${given.map(({ taskId }) => taskId).join(" ")} ${outcome.kind}`),
      },
      dispatcher,
      statistics,
    },
    hello,
    [],
    channel,
    {
      onUpdated: () => log.push("updated"),
      onSilent: ({ holder }) => leases.expire(leases.heldOverStream(holder)),
      onRemoved: () => log.push("gone"),
      onLeasesLeft: (_, held) => log.push(`left ${held.map(({ taskId }) => taskId).join(" ")}`),
    },
  );
  return {
    clock,
    leases,
    session,
    sent,
    log,
    /** Makes the channel full, or writable again. */
    setWritable(is: boolean) {
      isWritable = is;
      if (is) onWritable();
    },
    /** Lets time pass in steps that are no standstill. */
    async pass(ms: number) {
      for (let left = ms; left > 0; left -= 100) clock.advance(Math.min(left, 100));
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

const lease = { taskId: "1", attempt: 1, workerId: "w", leaseKind: "stream" } as const;
const outcome = { kind: "completed", result: null } as const;
const settled = { status: "settled", queue: "orders", state: "completed", scheduleMs: null } as const;

describe("a worker session", () => {
  it("leases what is delivered, and sends it", () => {
    const { session, sent, leases } = createSession();
    session.reserve(3);
    expect([session.load, session.inFlight]).toEqual([3, 0]);
    session.deliver([claimedTask({ id: "1" }), claimedTask({ id: "2" })], 3);
    expect([session.load, session.inFlight, sent]).toEqual([2, 2, ["tasks 1 2"]]);
    expect(leases.heldOverStream("w a")[0]).toMatchObject({ workerId: "w", leaseKind: "stream", attempt: 1 });
  });

  it("gives back what is delivered once it drains or its stream has ended", () => {
    const { session, sent, log } = createSession();
    session.drain(5_000, "operator");
    session.deliver([claimedTask({ id: "1" })], 1);
    session.disconnected();
    session.deliver([claimedTask({ id: "2" })], 1);
    session.deliver([], 1);
    expect(sent).toEqual(["drain 5000 operator"]);
    expect(log.filter((line) => line.startsWith("given back"))).toEqual(["given back 1 unsent", "given back 2 unsent"]);
  });

  it("takes nothing while its reader is slow, and says when it does again", () => {
    const { session, setWritable, log } = createSession();
    setWritable(false);
    session.deliver([claimedTask()], 1);
    expect(session.capacity).toBe(0);
    setWritable(true);
    expect([session.capacity, session.statedCapacity, log]).toEqual([4, 4, ["freed w"]]);
  });

  it("makes room when an outcome comes, and tells the worker after it is stored", async () => {
    const stored = Promise.withResolvers<SettleAnswer[]>();
    const { session, sent, log } = createSession({ complete: () => stored.promise });
    session.deliver([claimedTask()], 1);
    const told = session.outcomes([{ ...lease, outcome }]);
    expect([session.inFlight, log, sent]).toEqual([0, ["freed w"], ["tasks 1"]]);
    stored.resolve([settled]);
    await Promise.all([told, session.answered()]);
    expect(sent).toEqual(["tasks 1", "settled settled"]);
  });

  it("refuses an outcome that is not valid beside those that are, each in its place", async () => {
    const { session, sent } = createSession({ complete: async (reports) => reports.map(() => settled) });
    const invalid = invalidField("outcome", "is required");
    await session.outcomes([
      { ...lease, outcome: invalid },
      { ...lease, taskId: "2", outcome },
    ]);
    expect(sent).toEqual([`settled ${invalid.reason} settled`]);
  });

  it("holds a task again whose outcome could not be stored, and says so if its stream has ended", async () => {
    const stored = Promise.withResolvers<SettleAnswer[]>();
    const { session, log } = createSession({ complete: () => stored.promise });
    session.deliver([claimedTask()], 1);
    const told = session.outcomes([{ ...lease, outcome }]);
    session.disconnected();
    stored.reject(new Error("the disk is full"));
    await expect(told).rejects.toThrow("the disk is full");
    expect([session.inFlight, log]).toEqual([1, ["freed w", "removed w", "gone", "left 1"]]);
  });

  it("sends a heartbeat where nothing else was sent in an interval, and no other", async () => {
    const { session, sent, pass } = createSession();
    await pass(heartbeatIntervalMs);
    await session.heartbeat([]);
    session.deliver([claimedTask()], 1);
    await pass(heartbeatIntervalMs);
    await pass(heartbeatIntervalMs);
    expect(sent).toEqual(["heartbeat", "tasks 1", "heartbeat"]);
  });

  it("loses its leases and its stream when the worker is silent for the length of a lease", async () => {
    const { session, sent, log, pass, clock } = createSession();
    session.deliver([claimedTask()], 1);
    await pass(leaseDurationMs - 1_000);
    await session.heartbeat([]);
    await pass(leaseDurationMs - 1_000);
    expect(session.leaseLeftMs).toBe(1_000);
    await pass(1_000);
    expect(sent.at(-1)).toBe("end HEARTBEAT_TIMEOUT");
    expect(log).toEqual(["lease_lost 1", "removed w", "gone"]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("counts a new capacity as room", () => {
    const { session, log } = createSession();
    session.setCapacity(9);
    expect([session.capacity, log]).toEqual([9, ["freed w", "updated"]]);
  });

  it("tells the worker to stop an attempt, as long as it can", () => {
    const { session, sent } = createSession();
    const held = (taskId: string) =>
      ({ taskId, attempt: 1, workerId: "w", leaseKind: "stream", queue: "orders", holder: session.holder }) as const;
    session.cancel([held("1")], { why: "cancelled", words: "" });
    session.disconnected();
    session.cancel([held("2")], { why: "cancelled", words: "" });
    expect(sent).toEqual(["cancel 1"]);
  });

  it("ends once, with its reason, and leaves no timer", () => {
    const { session, sent, log, clock } = createSession();
    session.end(null);
    session.end(null);
    session.disconnected();
    expect([sent, log, clock.pendingTimers]).toEqual([["end"], ["removed w", "gone"], 0]);
  });
});
