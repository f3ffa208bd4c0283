import { describe, expect, it } from "vitest";
import { LeaseTable } from "../../../src/queue/leases/lease-table.ts";
import type { HeldLease, LeaseOrigin } from "../../../src/queue/leases/watched-lease.ts";
import { unknownHello, type WorkerChannel } from "../../../src/queue/workers/worker-channel.ts";
import { WorkerHub } from "../../../src/queue/workers/worker-hub.ts";
import { WorkerStatistics } from "../../../src/queue/workers/worker-statistics.ts";
import type { ListedWorker } from "../../../src/queue/workers/worker-view.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { createTestRetries } from "../../harness/retries.ts";

const hello = { ...unknownHello, workerId: "w", queues: ["orders"], types: [], capacity: 2 };
const channel: WorkerChannel = {
  welcome: () => undefined,
  tasks: () => true,
  settled: () => true,
  cancel: () => true,
  drain: () => true,
  heartbeat: () => true,
  end: () => undefined,
  onWritable: () => undefined,
};

/** The hub of one of several servers, what it gave back, and a way to take over the lease of a server that has ended. */
function createHub() {
  const clock = createFakeClock();
  const leases = new LeaseTable(clock);
  const givenBack: string[] = [];
  const lost: string[] = [];
  leases.onOverdue((overdue) => {
    for (const lease of overdue) lost.push(lease.taskId);
  });
  const completer = {
    complete: async () => [],
    giveBack: (given: readonly { taskId: string }[]) => void givenBack.push(...given.map(({ taskId }) => taskId)),
  };
  const dispatcher = { add: () => undefined, remove: () => undefined, freed: () => undefined };
  const hub = new WorkerHub({
    clock,
    leases,
    completer,
    dispatcher: dispatcher as never,
    log: { warn: () => undefined },
    retries: createTestRetries(clock),
    settings: { leaseDurationMs: 30_000, heartbeatIntervalMs: 10_000 },
    store: { updateLeases: async (updates) => updates.map(() => "updated" as const) },
    statistics: new WorkerStatistics(clock),
    claimers: { list: () => [] },
    serverId: 1,
  });
  return {
    clock,
    hub,
    givenBack,
    lost,
    /** Lets time pass in steps that are no standstill, and waits for what is judged after the sockets were read. */
    async pass(ms: number) {
      for (let left = ms; left > 0; left -= 100) clock.advance(Math.min(left, 100));
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    },
    /** @param ago when the task was handed out, in milliseconds before now */
    takeOver(taskId: string, ago: number, from: LeaseOrigin = "adopted") {
      const lease: HeldLease = { taskId, attempt: 1, workerId: "w", leaseKind: "stream", queue: "orders", holder: "w" };
      hub.recover([leases.open(lease, { attemptMs: null, leaseMs: null, startMs: clock.monotonic() - ago })], from);
    },
    /** The worker as another server shows it, where its stream was opened so long ago. */
    elsewhere: (ago: number): ListedWorker => ({
      hello,
      state: "connected",
      capacity: 2,
      inFlight: 0,
      connectMs: clock.now() - ago,
      lastSeenMs: clock.now(),
      replacements: { count: 0, lastMs: null },
      replacedInFlight: 0,
      serverId: 2,
      lostMs: null,
    }),
  };
}

describe("a worker that goes from server to server", () => {
  it("keeps what it was handed after it came to the one that is last known of", async () => {
    const { pass, hub, givenBack, lost, takeOver, elsewhere } = createHub();
    takeOver("before", 3_000);
    takeOver("after", 1_000);
    // That server stands still, or is not heard: the worker has left it for one that has ended since.
    hub.cameElsewhere(elsewhere(2_000), true);
    expect(givenBack).toEqual(["before"]);
    await pass(31_000);
    expect(lost).toEqual(["after"]);
  });

  it("keeps what it was handed after it opened the stream here that has not ended yet", async () => {
    const { clock, pass, hub, givenBack, lost, takeOver } = createHub();
    clock.advance(10_000);
    const session = hub.connect(hello, channel);
    clock.advance(2_000);
    takeOver("before", 3_000);
    takeOver("after", 1_000);
    expect([givenBack, session.inFlight]).toEqual([["before"], 1]);
    for (let beat = 0; beat < 4; beat++) {
      await pass(10_000);
      await session.heartbeat([]);
    }
    expect(lost).toEqual([]);
  });

  it("keeps what it names while its former stream here is still open", () => {
    const { clock, hub, givenBack, takeOver } = createHub();
    hub.connect(hello, channel);
    clock.advance(1_000);
    takeOver("named", 2_000, "named");
    const session = hub.connect({ ...hello, held: [{ taskId: "named", attempt: 1 }] }, channel);
    expect([givenBack, session.inFlight]).toEqual([[], 1]);
  });

  it("is asked about everything that it names, since another server may have it", () => {
    const { hub, takeOver } = createHub();
    takeOver("watched", 0);
    const held = ["watched", "unknown"].map((taskId) => ({ taskId, attempt: 1 }));
    expect(hub.leasesToTakeUp({ ...hello, held })).toMatchObject([{ taskId: "watched" }, { taskId: "unknown" }]);
  });
});
