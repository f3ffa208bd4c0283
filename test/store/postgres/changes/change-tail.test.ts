/** The reader of the feed of changes, on rows that a test writes. */

import { afterAll, test as base, beforeAll, beforeEach, expect } from "vitest";
import { Session } from "../../../../src/store/postgres/database/session.ts";
import { type ChangeRow, ChangeTail } from "../../../../src/store/postgres/engine/change-tail.ts";
import { openPostgres } from "../../../../src/store/postgres/postgres-store.ts";
import { createCondition } from "../../../harness/condition.ts";
import { isPostgresMissing, type PostgresServer, startPostgres } from "../../../harness/databases/postgres.ts";
import { createFakeClock } from "../../../harness/fake-clock.ts";

const test = base.skipIf(isPostgresMissing);
let server: PostgresServer;
let db: Session;
const openSession = () => Session.open({ url: server.url, schema: "feed", applicationName: "test" });

beforeAll(async () => {
  if (isPostgresMissing) return;
  server = await startPostgres();
  await (await openPostgres({ url: server.url, schema: "feed" })).close();
  db = await openSession();
});
afterAll(async () => {
  await db?.close();
  await server?.stop();
});
beforeEach(async () => {
  if (isPostgresMissing) return;
  await db.script("DELETE FROM change; UPDATE change_feed SET last = 0; DELETE FROM membership");
});

/** Lets a server be there. @param readUpTo `null`: it watches nothing */
async function addServer(id: number, readUpTo: number | null): Promise<void> {
  const insert = "INSERT INTO membership (server_id, start_ms, until_ms, read_change) VALUES ($1, 0, 0, $2)";
  await db.run(insert, [id, readUpTo]);
}

/** The numbers of the rows that are there. */
async function numbers(): Promise<number[]> {
  return (await db.all<{ number: number }>("SELECT number FROM change ORDER BY number")).map(({ number }) => number);
}

/** Adds rows to the feed. */
async function add(numbers: readonly number[]): Promise<void> {
  await db.run("INSERT INTO change (number, changes) SELECT n, 'c' || n FROM unnest($1::bigint[]) AS n", [numbers]);
  await db.run("UPDATE change_feed SET last = $1", [Math.max(0, ...numbers)]);
}

/** A tail from the beginning of the feed, and what it does. */
function startTail() {
  const clock = createFakeClock();
  const read: number[] = [];
  const missed: number[] = [];
  const sessions: Session[] = [];
  const happened = createCondition();
  let position = 0;
  const tail = new ChangeTail({
    async open() {
      const session = await openSession();
      sessions.push(session);
      return session;
    },
    clock,
    random: () => 0.5,
    serverId: 7,
    position: () => position,
    onRows(rows: readonly ChangeRow[]) {
      for (const { number, changes } of rows) {
        expect(changes).toBe(`c${number}`);
        position = number;
        read.push(number);
      }
      happened.changed();
    },
    onMissed() {
      missed.push(position);
      happened.changed();
    },
    onBehind(last) {
      position = last;
      happened.changed();
    },
    onReopened: () => undefined,
  });
  tail.start();
  return { tail, clock, read, missed, sessions, until: happened.until };
}

test("reads what is there, page by page, then what comes, where it is woken and once a second", async () => {
  await add(Array.from({ length: 150 }, (_, index) => index + 1));
  const { tail, clock, read, missed, until } = startTail();
  await until(() => read.length === 150, "all was read");
  await add([151]);
  tail.wake();
  await until(() => read.length === 151, "it was woken");
  // The next look, and the next deletion of old rows.
  await clock.timers((pending) => pending === 2);
  await add([152]);
  clock.advance(1_000);
  await until(() => read.length === 152, "a second was over");
  expect(read).toEqual(read.map((_, index) => index + 1));
  expect(missed).toEqual([]);
  await tail.stop();
  expect(clock.pendingTimers).toBe(0);
});

test.for([
  ["some", [5, 6]],
  ["all", []],
] as const)("says when %s rows are gone that it has not read, and reads no more", async ([, left]) => {
  await add(left);
  await db.run("UPDATE change_feed SET last = 7");
  const { read, missed, clock, until } = startTail();
  await until(() => missed.length > 0, "it found out");
  expect({ read, missed }).toEqual({ read: [], missed: [0] });
  await clock.timers((pending) => pending === 0);
});

test("goes on from where the feed is, in a database that has lost its end", async () => {
  await add([1, 2, 3]);
  const { tail, read, missed, until, clock } = startTail();
  await until(() => read.length === 3, "all was read");
  await db.script("DELETE FROM change WHERE number > 1; UPDATE change_feed SET last = 1");
  await clock.timers((pending) => pending === 2);
  tail.wake();
  await clock.timers((pending) => pending === 2);
  await add([2]);
  clock.advance(1_000);
  await until(() => read.length === 4, "the new one was read");
  expect({ read, missed }).toEqual({ read: [1, 2, 3, 2], missed: [] });
  await tail.stop();
});

test("opens another session where one is lost, and reads on", async () => {
  await add([1]);
  const { tail, clock, read, sessions, until } = startTail();
  await until(() => read.length === 1, "the first was read");
  await add([2]);
  sessions[0]?.destroy();
  await sessions[0]?.ended;
  await clock.timers((pending) => pending === 2);
  clock.advance(1_000);
  await until(() => read.length === 2, "the second was read");
  expect(sessions).toHaveLength(2);
  await tail.stop();
});

test("deletes what every server has read that watches, however long ago that was", async () => {
  await addServer(7, 0);
  await addServer(8, 2_400);
  await addServer(9, null);
  await add(Array.from({ length: 2_500 }, (_, index) => index + 1));
  const { tail, clock, read, until } = startTail();
  await until(() => read.length === 2_500, "all was read");
  const sweep = async () => {
    await clock.timers((pending) => pending === 2);
    clock.advance(10_000);
    await clock.timers((pending) => pending === 2);
    return (await numbers())[0];
  };
  expect(await sweep()).toBe(2_401);
  await db.script("UPDATE membership SET read_change = 2450 WHERE server_id = 8");
  expect(await sweep()).toBe(2_451);
  await db.script("DELETE FROM membership WHERE server_id = 8");
  expect(await sweep()).toBeUndefined();
  await tail.stop();
});

test("keeps no more than 100,000 for a server that does not read them", async () => {
  await addServer(7, 0);
  await addServer(8, 0);
  // Those between them are as if another sweep had deleted them.
  await add([1, 2, 3, 4, 100_003]);
  const { tail, clock, read, until } = startTail();
  await until(() => read.length === 5, "all was read");
  await clock.timers((pending) => pending === 2);
  clock.advance(10_000);
  await clock.timers((pending) => pending === 2);
  expect(await numbers()).toEqual([4, 100_003]);
  await tail.stop();
});
