/** Whose clock counts for servers that share a database. */

import { describe, expect, it } from "vitest";
import type { Clock } from "../../src/domain/clock.ts";
import { enqueue, ms, read, span } from "../harness/calls/tasks.ts";
import { isPostgresMissing } from "../harness/databases/postgres.ts";
import { createTimeOfTests } from "../harness/databases/time-of-tests.ts";
import { createFakeClock, type FakeClock } from "../harness/fake-clock.ts";
import type { TestServer } from "../harness/server.ts";
import { clustersForTests } from "./cluster-harness.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Lets time pass in small steps, each until what follows from it is stored. */
async function pass(servers: readonly TestServer[], time: FakeClock, forMs: number) {
  for (let passedMs = 0; passedMs < forMs; passedMs += 10_000) {
    time.advance(10_000);
    for (const { queue } of servers) await queue.listQueues({});
  }
}

describe.skipIf(isPostgresMissing)("the clocks of several servers", () => {
  const startCluster = clustersForTests();

  it.each([hourMs, -hourMs])(
    "changes nothing that is stored when the clock of one server's machine is set by %d ms",
    async (setMs) => {
      const time = createFakeClock();
      let offMs = 0;
      const { monotonic, after, afterIo } = time;
      const machine: Clock = { now: () => time.now() + offMs, monotonic, after, afterIo };
      const servers = await startCluster(2, (each) =>
        each === 0 ? { clock: machine, wrapStore: createTimeOfTests(time).wrap } : { clock: time },
      );
      const [first, second] = servers as [TestServer, TestServer];
      const delayed = await enqueue(first, { queue: "later", delay: span(10 * minuteMs) });
      const expiring = await enqueue(second, { queue: "later", timeToLive: span(10 * minuteMs) });
      offMs = setMs;
      await first.logged("the clocks of this machine and of the database differ");
      await pass(servers, time, 5 * minuteMs);
      for (const server of servers) {
        expect((await read(server, delayed)).scheduleTime).toEqual(delayed.scheduleTime);
        expect((await read(server, expiring)).expireTime).toEqual(expiring.expireTime);
        expect(ms((await enqueue(server)).createTime)).toBe(time.now());
        expect(server.log.filter(({ message }) => /jumped|adjusted/.test(message))).toEqual([]);
      }
    },
  );

  it.each([hourMs, -hourMs])("shifts what is stored once when the database's clock jumps by %d ms", async (jumpMs) => {
    const time = createFakeClock();
    const servers = await startCluster(3, { clock: time });
    const tasks = await Promise.all(
      servers.map((server) => enqueue(server, { queue: "later", delay: span(10 * minuteMs) })),
    );
    time.jump(jumpMs);
    for (const server of servers) await server.timeSeen();
    await pass(servers, time, 80_000);
    for (const server of servers) await server.logged("server time adjusted to the clock of the database");
    await pass(servers, time, 2 * minuteMs);
    for (const server of servers) {
      for (const task of tasks) {
        expect(ms((await read(server, task)).scheduleTime) - time.now()).toBe(10 * minuteMs - 80_000 - 2 * minuteMs);
      }
      expect(ms((await enqueue(server)).createTime)).toBe(time.now());
    }
  });
});
