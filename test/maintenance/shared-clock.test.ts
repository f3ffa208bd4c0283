/** What servers that share a database do when its clock jumps: one shifts what is stored, and all follow. */

import { expect, it, onTestFinished } from "vitest";
import { noCluster } from "../../src/cluster/cluster.ts";
import { createStorageClock } from "../../src/cluster/storage-clock.ts";
import { type LogMethod, silentLog } from "../../src/domain/log.ts";
import { createServerClock } from "../../src/domain/server-clock.ts";
import { createClockJumps } from "../../src/maintenance/clock-jumps.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { createTestRetries } from "../harness/retries.ts";

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/** The database of the servers, which one of them leads, by their numbers. */
function startDatabase() {
  const clock = createFakeClock();
  const shifted: string[] = [];
  const servers: Server[] = [];
  const database = {
    clock,
    startMs: clock.now(),
    /** The shifts that were made: who by how much. */
    shifted,
    leader: 0,
    /** While it is away, calls fail. */
    isAway: false,
    /** Lets time pass, in which each server renews its time every two seconds. */
    async pass(ms: number) {
      for (let passedMs = 0; passedMs < ms; passedMs += 2 * secondMs) {
        clock.advance(2 * secondMs);
        for (const server of servers) await server.renew();
      }
    },
    async startServer() {
      const server = await startServer(servers.length, database);
      servers.push(server);
      return server;
    },
  };
  return database;
}

type Database = ReturnType<typeof startDatabase>;
type Server = Awaited<ReturnType<typeof startServer>>;

async function startServer(id: number, database: Database) {
  const { clock: time, startMs, shifted } = database;
  // The wall clock of its machine is its own.
  let wallMs = 0;
  const machine = { ...time, now: () => startMs + time.monotonic() + wallMs };
  const logged: string[] = [];
  const add: LogMethod = (_, message) => void logged.push(message);
  const log = { ...silentLog, warn: add, info: add };
  const storageClock = createStorageClock(machine, 0, log);
  const clock = createServerClock(storageClock);
  const onShifts: (() => void)[] = [];
  const onLeading: (() => void)[] = [];
  let isReached = true;
  let isLeader = id === 0;
  const cluster = {
    ...noCluster,
    storageClock,
    get isLeader() {
      return isLeader;
    },
    onLeading: (listener: () => void) => void onLeading.push(listener),
    onRevised: (_: unknown, listener: () => void) => void onShifts.push(listener),
  };
  let follows = 0;
  const store = {
    newestMs: async () => null,
    async shiftTimes(byMs: number, known?: number) {
      if (database.isAway) throw new Error("away");
      if (known === shifted.length) shifted.push(`${id} by ${byMs}`);
    },
  };
  const retries = createTestRetries(time);
  const jumps = createClockJumps({ clock, store, retries, log, cluster, onFollowed: () => follows++ });
  await jumps.start();
  onTestFinished(() => jumps.stop());
  return {
    clock,
    jumps,
    logged,
    follows: () => follows,
    /** Sets the wall clock of its machine. */
    set(ms: number) {
      wallMs += ms;
    },
    /** Whether it reaches the database. */
    reach(is: boolean) {
      isReached = is;
    },
    async renew() {
      if (!isReached || database.isAway) return;
      const known = storageClock.shifts;
      await storageClock.look(async () => ({ nowMs: time.now(), revisions: { shifts: shifted.length } }));
      const led = isLeader;
      isLeader = database.leader === id;
      if (isLeader && !led) for (const listener of onLeading) listener();
      if (storageClock.shifts !== known) for (const listener of onShifts) listener();
    },
  };
}

async function three() {
  const database = startDatabase();
  const servers = [await database.startServer(), await database.startServer(), await database.startServer()] as const;
  await database.pass(10 * secondMs);
  return { database, servers };
}

it.each([hourMs, -hourMs, 40 * 24 * hourMs])(
  "shifts what is stored once, by %d ms, a minute after the database's clock jumped, and every server follows",
  async (jumpMs) => {
    const { database, servers } = await three();
    const before = database.clock.now();
    database.clock.jump(jumpMs);
    await database.pass(30 * secondMs);
    for (const { clock, jumps } of servers) {
      expect(clock.now() - before).toBe(30 * secondMs);
      expect(jumps.mayDelete()).toBe(false);
    }
    await database.pass(40 * secondMs);
    expect(database.shifted).toEqual([`0 by ${jumpMs}`]);
    for (const { clock, follows, logged } of servers) {
      expect([clock.now(), follows()]).toEqual([database.clock.now(), 1]);
      expect(logged).toContainEqual(expect.stringMatching(/^the clock of the database jumped by /));
    }
    await database.pass(10 * minuteMs);
    for (const { jumps } of servers) expect(jumps.mayDelete()).toBe(false);
    await database.pass(hourMs);
    expect(database.shifted).toHaveLength(1);
    for (const { jumps, follows } of servers) expect([jumps.mayDelete(), follows()]).toEqual([true, 1]);
  },
);

it("shifts nothing, and deletes on, when the clocks of machines are set", async () => {
  const { database, servers } = await three();
  servers[0].set(hourMs);
  servers[1].set(-hourMs);
  await database.pass(5 * minuteMs);
  expect(database.shifted).toEqual([]);
  for (const { clock, jumps } of servers)
    expect([clock.now(), jumps.mayDelete()]).toEqual([database.clock.now(), true]);
  const differ = "the clocks of this machine and of the database differ: the database's counts";
  expect(servers.map(({ logged }) => logged)).toEqual([[differ], [differ], []]);
});

it("changes nothing if the database's clock is put right within a minute", async () => {
  const { database, servers } = await three();
  database.clock.jump(hourMs);
  await database.pass(30 * secondMs);
  database.clock.jump(-hourMs);
  await database.pass(5 * minuteMs);
  expect(database.shifted).toEqual([]);
  for (const { clock, follows, logged } of servers) {
    expect([clock.now(), follows()]).toEqual([database.clock.now(), 0]);
    expect(logged).toContain("the clock of the database jumped back: nothing changed");
  }
});

it("shifts once though another server leads before or after the shift", async () => {
  const { database, servers } = await three();
  database.clock.jump(hourMs);
  await database.pass(20 * secondMs);
  database.leader = 1;
  await database.pass(52 * secondMs);
  expect(database.shifted).toEqual([`1 by ${hourMs}`]);
  database.leader = 2;
  await database.pass(5 * minuteMs);
  expect(database.shifted).toHaveLength(1);
  for (const { clock } of servers) expect(clock.now()).toBe(database.clock.now());
});

it("shifts at the server that leads next, if the leader has not before it ended", async () => {
  const { database, servers } = await three();
  servers[0].reach(false);
  database.clock.jump(hourMs);
  await database.pass(80 * secondMs);
  expect(database.shifted).toEqual([]);
  database.leader = 2;
  await database.pass(4 * secondMs);
  expect(database.shifted).toEqual([`2 by ${hourMs}`]);
  expect(servers[1].clock.now()).toBe(database.clock.now());
  // It comes to know of the jump and of the shift at once.
  expect(servers[0].clock.now()).toBe(database.clock.now() - hourMs);
  servers[0].reach(true);
  await database.pass(2 * secondMs);
  expect(servers[0].clock.now()).toBe(database.clock.now());
  database.leader = 0;
  await database.pass(5 * minuteMs);
  expect(database.shifted).toHaveLength(1);
});

it("follows without a shift, at last, where only one server that does not lead found a jump", async () => {
  const { database, servers } = await three();
  const alone = servers[1];
  // Its machine stood still for five seconds, with its monotonic clock.
  alone.clock.shift(-5 * secondMs);
  await database.pass(90 * secondMs);
  expect(database.clock.now() - alone.clock.now()).toBe(5 * secondMs);
  await database.pass(40 * secondMs);
  expect(alone.clock.now()).toBe(database.clock.now());
  expect(database.shifted).toEqual([]);
});

it("goes on by its own monotonic clock while the database is away", async () => {
  const { database, servers } = await three();
  database.isAway = true;
  servers[0].set(-hourMs);
  await database.pass(3 * hourMs);
  for (const { clock } of servers) expect(clock.now()).toBe(database.clock.now());
  // Another machine has taken over, whose clock is a little off.
  database.isAway = false;
  database.clock.jump(-60);
  const before = servers.map(({ clock }) => clock.now());
  await database.pass(2 * secondMs);
  for (const [index, { clock, follows }] of servers.entries()) {
    expect([clock.now(), follows()]).toEqual([database.clock.now(), 0]);
    expect(clock.now()).toBeGreaterThan(before[index] ?? 0);
  }
  expect(database.shifted).toEqual([]);
});
