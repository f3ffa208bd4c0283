import { describe, expect, it, test } from "vitest";
import { explain } from "../../../src/domain/waits/explanation.ts";
import type { LiveFacts, Staff, StoredWait } from "../../../src/domain/waits/wait-facts.ts";

const nowMs = Date.UTC(2026, 6, 1, 12);
const dueMs = nowMs + 30_000;
const due = "at 2026-07-01T12:00:30Z";

const stored: StoredWait = {
  id: "0f3k",
  queue: "orders",
  type: "order.ship",
  state: "pending",
  attempt: 0,
  maxAttempts: 5,
  workerId: null,
  errorType: "",
  sinceMs: nowMs - 60_000,
  dueMs: null,
  lastOutcome: null,
  blockedBy: null,
  reservedFor: null,
  ahead: 0,
  limits: { paused: false, maxRunning: 0, running: 0 },
};
const idle: Staff = { isStopping: false, workers: 2, handling: 2, taking: 2, room: 8 };
const full: Staff = { ...idle, room: 0 };
const away: Staff = { isStopping: false, workers: 0, handling: 0, taking: 0, room: 0 };

/** What is explained of a task that waits, with what differs from a task next in line before idle workers. */
function explained(
  wait: Partial<StoredWait>,
  staff: Staff = idle,
  { reservedWorker = "away", rate = 0 }: Partial<LiveFacts> = {},
) {
  return explain({ ...stored, ...wait }, { staff, reservedWorker, rate }, nowMs);
}

const paused = { paused: true, maxRunning: 0, running: 0 };
const atMost = { paused: false, maxRunning: 3, running: 3 };
const reservedFor = { workerId: "w 1", untilMs: dueMs };

describe("why a task is not running", () => {
  it.each([
    [{ state: "running", attempt: 2, workerId: "w-1" }, idle, null, 'the worker "w-1" runs its attempt 2'],
    [{ state: "completed" }, idle, null, "it is completed"],
    [{ state: "failed" }, idle, null, "it has failed"],
    [{ state: "cancelled" }, idle, null, "it was cancelled"],
    [{ state: "scheduled", dueMs }, idle, "scheduled", `its first attempt is due ${due}`],
    // Damaged on the disk.
    [{ state: "scheduled", dueMs: 9e15 }, idle, "scheduled", "its first attempt is due at +275760-09-13T00:00:00Z"],
    [
      { state: "scheduled", dueMs },
      away,
      "scheduled",
      `its first attempt is due ${due}, but no worker is on the queue "orders"`,
    ],
    [
      { state: "scheduled", dueMs, limits: paused },
      idle,
      "scheduled",
      `its first attempt is due ${due}, but the queue "orders" is paused`,
    ],
    [{ state: "scheduled", dueMs }, full, "scheduled", `its first attempt is due ${due}`],
    [
      { state: "scheduled", dueMs, attempt: 2, lastOutcome: "failed", errorType: "NoMoney" },
      idle,
      "retry",
      `attempt 2 of 5 failed with "NoMoney"; the next one is due ${due}`,
    ],
    [
      { state: "scheduled", dueMs, attempt: 1, lastOutcome: "timed_out", errorType: "ATTEMPT_TIMEOUT" },
      idle,
      "retry",
      `attempt 1 of 5 timed out; the next one is due ${due}`,
    ],
    [
      { state: "scheduled", dueMs, lastOutcome: "released" },
      idle,
      "retry",
      `a worker released it; its next attempt is due ${due}`,
    ],
    [
      { state: "blocked", blockedBy: { kind: "execution" } },
      idle,
      "not_executed",
      "the workflow waits for ExecuteWorkflow",
    ],
    [{ state: "blocked" }, idle, "dependencies", "it waits for other tasks"],
    [{ limits: paused }, idle, "paused", 'the queue "orders" is paused'],
    [{ limits: paused }, away, "paused", 'the queue "orders" is paused'],
    [{}, away, "no_worker", 'no worker is on the queue "orders"'],
    [{}, { ...away, workers: 1 }, "no_handler", 'the worker on the queue "orders" does not handle "order.ship"'],
    [{}, { ...away, workers: 3 }, "no_handler", 'none of the 3 workers on the queue "orders" handles "order.ship"'],
    [{}, { ...idle, isStopping: true }, "draining", "the server is stopping and hands out nothing more"],
    [
      {},
      { ...idle, handling: 1, taking: 0, room: 0 },
      "draining",
      'the worker on the queue "orders" that handles it is draining',
    ],
    [
      {},
      { ...idle, taking: 0, room: 0 },
      "draining",
      'the 2 workers on the queue "orders" that handle it are draining',
    ],
    [{ limits: atMost }, idle, "max_running", 'the queue "orders" runs 3 of at most 3 tasks; it is next in the line'],
    [
      { limits: atMost, ahead: null },
      idle,
      "max_running",
      'the queue "orders" runs 3 of at most 3 tasks; it is far back in the line',
    ],
    [
      { ahead: 4 },
      full,
      "workers_full",
      'the 2 workers on the queue "orders" that handle it are full; it is 5th in the line',
    ],
    [{}, idle, "in_line", 'it is next in the line of the queue "orders"'],
    [{ ahead: 1_002 }, idle, "in_line", 'it is 1,003rd in the line of the queue "orders"'],
    [{ ahead: 11 }, idle, "in_line", 'it is 12th in the line of the queue "orders"'],
    [{ ahead: null }, idle, "in_line", 'it is far back in the line of the queue "orders"'],
  ] satisfies [Partial<StoredWait>, Staff, string | null, string][])(
    "of %o before %o: %s",
    (wait, staff, reason, message) => {
      expect(explained(wait, staff)).toMatchObject({ reason, message, sinceMs: stored.sinceMs });
    },
  );

  it.each([
    ["away", `until 2026-07-01T12:00:30Z it is reserved for the worker "w 1", which is not connected`, dueMs],
    [
      "other_types",
      `until 2026-07-01T12:00:30Z it is reserved for the worker "w 1", which does not handle its type`,
      dueMs,
    ],
    ["draining", `until 2026-07-01T12:00:30Z it is reserved for the worker "w 1", which is draining`, dueMs],
    ["full", `until 2026-07-01T12:00:30Z it is reserved for the worker "w 1", which is full`, null],
    ["free", `until 2026-07-01T12:00:30Z it is reserved for the worker "w 1"`, null],
  ] as const)("of a reservation whose worker is %s", (reservedWorker, message, expectedStartMs) => {
    const facts = explained({ reservedFor, ahead: null }, idle, { reservedWorker });
    expect(facts).toMatchObject({ reason: "reserved", message, expectedStartMs, position: 0 });
  });

  test("of a reservation by what holds the whole queue back, if that is what does", () => {
    expect(explained({ reservedFor, limits: paused }).reason).toBe("paused");
    expect(explained({ reservedFor, limits: atMost }, idle, { reservedWorker: "free" }).reason).toBe("max_running");
    expect(explained({ reservedFor, limits: atMost }, idle, { reservedWorker: "away" }).reason).toBe("reserved");
    // Nobody else could have it then.
    expect(explained({ reservedFor }, away).expectedStartMs).toBeNull();
  });

  it.each([
    [["charge"], 'it waits for the step "charge"'],
    [["charge", "pack"], 'it waits for the steps "charge" and "pack"'],
    [["a", "b", "c", "d", "e", "f"], 'it waits for the steps "a", "b", "c", "d", "e" and 1 more'],
  ])("of a step behind %o names them", (stepIds, message) => {
    const taskIds = stepIds.map((stepId) => `0${stepId}`);
    const facts = explained({ state: "blocked", blockedBy: { kind: "steps", stepIds, taskIds } });
    expect(facts).toMatchObject({ reason: "dependencies", message, stepIds, taskIds });
  });

  it.each([
    [1, "it waits for the earlier delivery 0 of its ordering key"],
    [2, "it waits for 2 earlier deliveries of its ordering key, the next one is 0"],
    [10, "it waits for 10 or more earlier deliveries of its ordering key, the next one is 0"],
  ])("of a delivery behind %d names the next one", (count, message) => {
    const taskIds = Array.from({ length: count }, (_, index) => String(index));
    const facts = explained({ state: "blocked", blockedBy: { kind: "deliveries", taskIds } });
    expect(facts).toMatchObject({ reason: "ordering", message, taskIds });
  });
});

describe("when it will", () => {
  it.each([
    [0.1, 'it is 5th in the line of the queue "orders", at 6 hand-outs a minute', 50_000],
    [1 / 60, 'it is 5th in the line of the queue "orders", at 1 hand-out a minute', 300_000],
    [1, 'it is 5th in the line of the queue "orders", at 1 hand-out a second', 5_000],
    [2.54, 'it is 5th in the line of the queue "orders", at 2.5 hand-outs a second', 1_969],
    [12_345.6, 'it is 5th in the line of the queue "orders", at 12,346 hand-outs a second', 0],
  ])("follows from its place and a rate of %d a second", (rate, message, afterMs) => {
    expect(explained({ ahead: 4 }, idle, { rate })).toMatchObject({
      message,
      position: 5,
      rate,
      expectedStartMs: nowMs + afterMs,
    });
  });

  test("is its time if it has one, unless nothing would take it then", () => {
    expect(explained({ state: "scheduled", dueMs }).expectedStartMs).toBe(dueMs);
    expect(explained({ state: "scheduled", dueMs }, away).expectedStartMs).toBeNull();
  });

  test("is not known without a rate, behind more than is counted, or while nothing is handed out", () => {
    expect(explained({ ahead: 4 }).expectedStartMs).toBeNull();
    expect(explained({ ahead: null }, idle, { rate: 1 }).expectedStartMs).toBeNull();
    expect(explained({ ahead: 4 }, away, { rate: 1 })).toMatchObject({ position: 5, expectedStartMs: null });
  });
});

test("names of programs cannot forge the sentence", () => {
  const { message } = explained({ state: "running", workerId: 'w"\n\u202eis fine', attempt: 1 });
  expect(message).toBe('the worker "w\\"\\n\\u202eis fine" runs its attempt 1');
});
