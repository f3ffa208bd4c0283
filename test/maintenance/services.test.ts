import { describe, expect, it } from "vitest";
import { noCluster } from "../../src/cluster/cluster.ts";
import { silentLog } from "../../src/domain/log.ts";
import { createServerClock } from "../../src/domain/server-clock.ts";
import { createFeed, type Service } from "../../src/domain/service.ts";
import { createCatchUp } from "../../src/events/catch-up.ts";
import { createSubscriptionRemover } from "../../src/events/subscription-remover.ts";
import { createClockJumps } from "../../src/maintenance/clock-jumps.ts";
import { createRetention } from "../../src/maintenance/retention.ts";
import { createScheduler } from "../../src/maintenance/scheduler.ts";
import { createHeartbeats } from "../../src/queue/workers/heartbeats.ts";
import { createReservations } from "../../src/registry/reservations.ts";
import { createFakeClock, type FakeClock } from "../harness/fake-clock.ts";
import { createTestRetries } from "../harness/retries.ts";

/** Creates a service whose loop calls `work` each time it does something. */
type Create = (clock: FakeClock, work: () => void) => Service;

const loops: Readonly<Record<string, Create>> = {
  scheduler: (clock, work) =>
    createScheduler(
      {
        async advance(nowMs) {
          work();
          return { nextMs: nowMs + 1_000 };
        },
      },
      clock,
      createTestRetries(clock),
    ),
  retention: (clock, work) =>
    createRetention(
      "tasks",
      async () => {
        work();
        return { deleted: 0, nextCursor: null };
      },
      { clock, retries: createTestRetries(clock), mayDelete: () => true, intervalMs: 1_000 },
    ),
  "clock jumps": (clock, work) =>
    createClockJumps({
      clock: createServerClock({
        ...clock,
        now() {
          work();
          return clock.now();
        },
      }),
      store: { newestMs: async () => null, shiftTimes: async () => undefined },
      retries: createTestRetries(clock),
      log: silentLog,
      cluster: noCluster,
      onFollowed: () => undefined,
    }),
  "catch-up": (clock, work) =>
    createCatchUp(
      {
        async catchUp() {
          work();
          return { isBehind: false };
        },
      },
      clock,
      createTestRetries(clock),
    ),
  "subscription remover": (clock, work) =>
    createSubscriptionRemover(
      {
        endingSubscriptions: async () => [7],
        async endDeliveries() {
          work();
          return { cancelled: 0, running: 0, isDone: true };
        },
      },
      clock,
      createTestRetries(clock),
    ),
  heartbeats: (clock, work) => createHeartbeats(clock, 1_000, work),
};

const passive: Readonly<Record<string, Create>> = {
  retries: (clock) => createTestRetries(clock),
  reservations: (clock) => createReservations(clock, () => 0.5),
  "a feed": () => createFeed(),
};

/** Lets ten seconds pass, with all that is set off by them. */
async function passTenSeconds(clock: FakeClock): Promise<void> {
  for (let second = 0; second < 10; second++) {
    clock.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe.each(Object.entries({ ...loops, ...passive }))("%s", (_, create) => {
  it("does nothing, and leaves no timer, where it is stopped before its start", async () => {
    const clock = createFakeClock();
    let works = 0;
    const service = create(clock, () => works++);
    works = 0;
    await service.stop();
    await service.start();
    await passTenSeconds(clock);
    expect([works, clock.pendingTimers]).toEqual([0, 0]);
  });

  it("does nothing more, and leaves no timer, once it was stopped, however often", async () => {
    const clock = createFakeClock();
    let works = 0;
    const service = create(clock, () => works++);
    await Promise.all([service.start(), service.start()]);
    await passTenSeconds(clock);
    await Promise.all([service.stop(), service.stop()]);
    works = 0;
    await service.stop();
    await passTenSeconds(clock);
    expect([works, clock.pendingTimers]).toEqual([0, 0]);
  });

  it("leaves no timer where it is stopped during its start", async () => {
    const clock = createFakeClock();
    const service = create(clock, () => undefined);
    await Promise.all([service.start(), service.stop()]);
    await passTenSeconds(clock);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe.each(Object.entries(loops))("%s", (_, create) => {
  it("works by itself once it is started", async () => {
    const clock = createFakeClock();
    let works = 0;
    const service = create(clock, () => works++);
    works = 0;
    await service.start();
    await passTenSeconds(clock);
    expect(works).toBeGreaterThan(0);
    await service.stop();
  });
});
