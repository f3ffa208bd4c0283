import { expect, it } from "vitest";
import { AuditLog, type EndedCall } from "../../src/access/audit-log.ts";
import type { AuditEntry } from "../../src/domain/access/audit-entry.ts";
import type { Principal } from "../../src/domain/access/principal.ts";
import { SitqError } from "../../src/domain/errors.ts";
import { silentLog } from "../../src/domain/log.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { createTestRetries } from "../harness/retries.ts";

const minuteMs = 60_000;

const alice: Principal = {
  name: "alice",
  grants: [],
  credential: { kind: "token", id: "4f9a", expireMs: null },
};

const purge: EndedCall = {
  principal: alice,
  peer: "10.0.0.1:4000",
  method: "/sitq.v1.QueueService/PurgeQueue",
  resource: "queue mail",
  code: "OK",
  reason: "",
};

const refusal: EndedCall = { ...purge, code: "PERMISSION_DENIED", reason: "ROLE_REQUIRED" };

/** An audit log over a store that fails while `failure` is set. */
function open() {
  const clock = createFakeClock();
  const entries: AuditEntry[] = [];
  const batches: number[] = [];
  const lines: { readonly facts: Readonly<Record<string, unknown>>; readonly text: string }[] = [];
  const state: { failure: SitqError | null; held: Promise<void> | null } = { failure: null, held: null };
  const retries = createTestRetries(clock);
  const log = new AuditLog({
    store: {
      async appendAudit(batch) {
        if (state.failure !== null) throw state.failure;
        batches.push(batch.length);
        await state.held;
        entries.push(...batch);
      },
      listAudit: async () => ({
        entries: entries.map((entry, at) => ({ ...entry, id: at })),
        nextCursor: null,
      }),
    },
    clock,
    retries,
    log: { ...silentLog, error: (facts, text) => void lines.push({ facts, text }) },
  });
  return { clock, entries, batches, lines, state, retries, log };
}

/** Lets the microtasks of a try run. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

const full = () => new SitqError("DISK_FULL", "The disk of the server is full.");
const failedForGood = () => new SitqError("STORE_FAILED", "The storage failed.");

it("stores a changing call before it is answered, and who made it", async () => {
  const { log, entries, clock } = open();
  await log.changed(purge);
  const { principal: _, ...facts } = purge;
  expect(entries).toEqual([{ ...facts, principal: "alice", credential: "token 4f9a", timeMs: clock.now(), count: 1 }]);
  await log.stop();
});

it("stores what comes while a batch is stored as one batch more", async () => {
  const { log, batches } = open();
  await Promise.all(Array.from({ length: 10 }, () => log.changed(purge)));
  expect(batches).toEqual([1, 9]);
});

it("answers while the disk is full, and stores everything once it has room", async () => {
  const { log, entries, state, clock, lines } = open();
  state.failure = full();
  await log.changed({ ...purge, resource: "queue a" });
  await log.changed({ ...purge, resource: "queue b" });
  expect(entries).toEqual([]);
  state.failure = null;
  clock.advance(2_000);
  await settled();
  await log.changed({ ...purge, resource: "queue c" });
  expect(entries.map(({ resource }) => resource)).toEqual(["queue a", "queue b", "queue c"]);
  expect(lines).toEqual([]);
  await log.stop();
});

it("leaves to the log what has no room to wait", async () => {
  const { log, entries, state, clock, lines } = open();
  state.failure = full();
  for (let n = 0; n < 1_003; n++) await log.changed({ ...purge, resource: `queue ${n}` });
  expect(lines.map(({ facts }) => facts)).toMatchObject([
    { resource: "queue 1000", principal: "alice", by: "token 4f9a" },
    { resource: "queue 1001" },
    { resource: "queue 1002" },
  ]);
  state.failure = null;
  clock.advance(2_000);
  await settled();
  expect(entries).toHaveLength(1_000);
  await log.stop();
});

it.each([
  ["the store fails for good", async () => undefined],
  ["it is stopped while the disk is full", async ({ log }: ReturnType<typeof open>) => log.stop()],
])("leaves to the log what cannot be stored any more: %s", async (why, end) => {
  const opened = open();
  opened.state.failure = why.startsWith("the store") ? failedForGood() : full();
  await opened.log.changed(purge);
  await end(opened);
  expect(opened.lines).toMatchObject([{ facts: { resource: "queue mail", method: purge.method } }]);
  opened.state.failure = null;
  await opened.log.changed({ ...purge, resource: "queue b" });
  expect(opened.lines).toMatchObject([{}, { facts: { resource: "queue b" } }]);
  expect(opened.entries).toEqual([]);
  await opened.log.stop();
  expect(opened.clock.pendingTimers).toBe(0);
});

it("tries once more at its stop", async () => {
  const { log, entries, state, retries, lines } = open();
  state.failure = full();
  await log.changed(purge);
  state.failure = null;
  await retries.stop();
  await log.stop();
  expect([entries.length, lines.length]).toEqual([1, 0]);
});

it("makes one entry at once of a first refusal, and one a minute of those that follow", async () => {
  const { log, entries, clock } = open();
  log.refused({ ...refusal, peer: "10.0.0.1:1" });
  await settled();
  const { principal: _, ...facts } = refusal;
  const first = { ...facts, peer: "10.0.0.1", principal: "alice", credential: "token 4f9a", count: 1 };
  expect(entries).toEqual([{ ...first, timeMs: clock.now() }]);
  for (let n = 0; n < 500; n++) log.refused({ ...refusal, peer: `10.0.0.1:${n}` });
  clock.advance(minuteMs);
  await settled();
  expect(entries.slice(1)).toMatchObject([{ peer: "10.0.0.1", principal: "alice", count: 500 }]);
  log.refused(refusal);
  log.refused(refusal);
  clock.advance(minuteMs);
  await settled();
  expect(entries.slice(2)).toMatchObject([{ count: 2 }]);
  clock.advance(minuteMs);
  expect(clock.pendingTimers).toBe(0);
});

it("tells refusals apart by peer, principal, method and reason", async () => {
  const { log, entries } = open();
  const kinds: readonly Partial<EndedCall>[] = [
    {},
    { peer: "10.0.0.2:1" },
    { peer: "2001:db8::1:1" },
    { principal: null },
    { method: "/sitq.v1.QueueService/GetTask" },
    { reason: "OUT_OF_SCOPE" },
  ];
  for (const kind of [...kinds, ...kinds]) log.refused({ ...refusal, ...kind });
  await log.stop();
  expect(entries.map(({ count }) => count)).toEqual(Array(12).fill(1));
  expect(new Set(entries.map(({ peer }) => peer))).toEqual(new Set(["10.0.0.1", "10.0.0.2", "2001:db8::1"]));
});

it("neither fills the disk nor forgets a refusal, however many kinds a hostile client makes", async () => {
  const { log, entries, clock } = open();
  const dayMinutes = 1_440;
  let made = 0;
  for (let minute = 0; minute < dayMinutes; minute++) {
    for (let n = 0; n < 300; n++) {
      log.refused({ ...refusal, principal: null, peer: `10.${minute % 256}.${n % 256}.${Math.floor(n / 256)}:1` });
      made++;
    }
    clock.advance(minuteMs);
  }
  await log.stop();
  expect(entries.length).toBeLessThan(1_000 + 14_400 + dayMinutes + 1);
  expect(entries.reduce((sum, { count }) => sum + count, 0)).toBe(made);
  const others = entries.filter(({ peer }) => peer === "");
  expect(others[0]).toMatchObject({ principal: "", method: "", resource: "", reason: "ROLE_REQUIRED" });
  expect(clock.pendingTimers).toBe(0);
});

it("counts what is allowed and what is refused, and says so at its stop", async () => {
  const clock = createFakeClock();
  const said: unknown[] = [];
  const log = new AuditLog({
    store: { appendAudit: async () => undefined, listAudit: async () => ({ entries: [], nextCursor: null }) },
    clock,
    retries: createTestRetries(clock),
    log: { ...silentLog, info: (facts) => void said.push(facts) },
  });
  log.allowed();
  log.allowed();
  log.refused(refusal);
  await log.stop();
  expect(said).toEqual([{ allowed_calls: 2, refused_calls: 1 }]);
});

it("lists what was refused before, also while the store is busy with others", async () => {
  const { log, state } = open();
  const hold = Promise.withResolvers<void>();
  state.held = hold.promise;
  const query = { createdAfterMs: null, principal: null, method: null, outcome: null, refusedOnly: false };
  log.refused(refusal);
  log.refused({ ...refusal, reason: "OUT_OF_SCOPE" });
  const listed = log.list({ ...query, cursor: null, limit: 10 });
  hold.resolve();
  expect((await listed).entries.map(({ reason }) => reason)).toEqual(["ROLE_REQUIRED", "OUT_OF_SCOPE"]);
});

it("lists at once while the store fails", async () => {
  const { log, state } = open();
  state.failure = new SitqError("DISK_LOW", "full");
  await log.changed(purge);
  const query = { createdAfterMs: null, principal: null, method: null, outcome: null, refusedOnly: false };
  expect((await log.list({ ...query, cursor: null, limit: 10 })).entries).toEqual([]);
  state.failure = null;
  await log.stop();
});
