import { describe, expect, it } from "vitest";
import type { Settlement } from "../../../src/domain/tasks/outcome.ts";
import { createWaitGroup } from "../../../src/domain/wait-group.ts";
import { type AttemptReport, OutcomeCompleter } from "../../../src/queue/leases/outcome-completer.ts";
import type { SettleAnswer } from "../../../src/store/task-store.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { createTestRetries } from "../../harness/retries.ts";

type Outcome = AttemptReport["outcome"];

const completed: Outcome = { kind: "completed", result: null };
const failed: Outcome = {
  kind: "failed",
  error: { type: "E", message: "", stackTrace: "" },
  terminal: false,
  retryDelayMs: null,
};

function reportOf(taskId: string, outcome: Outcome = completed): AttemptReport {
  return { taskId, attempt: 1, workerId: "w", leaseKind: "stream", outcome };
}

/** A completer over a store that a test scripts. */
function createCompleter(settle: (settlements: readonly Settlement[]) => Promise<SettleAnswer[]>) {
  const clock = createFakeClock();
  const stored: (readonly Settlement[])[] = [];
  const due: number[] = [];
  const ended: string[] = [];
  const errors: unknown[] = [];
  const numbers = [0.25, 0.75];
  const pending = createWaitGroup();
  const completer = new OutcomeCompleter({
    store: {
      settle(settlements) {
        stored.push(settlements);
        return settle(settlements);
      },
    },
    clock,
    random: () => numbers.shift() ?? 0.5,
    retries: createTestRetries(clock, (error) => errors.push(error)),
    scheduler: { due: (ms) => due.push(ms) },
    pending,
  });
  completer.onEnded((queue) => ended.push(queue));
  return { clock, completer, stored, due, ended, errors, pending };
}

function settledIn(queue: string, scheduleMs: number | null = null): SettleAnswer {
  return { status: "settled", queue, state: "pending", scheduleMs };
}

describe("an outcome completer", () => {
  it("answers in order, and says which queues have an attempt less and what is due", async () => {
    const answers = [settledIn("orders"), { status: "stale", state: "pending" } as const, settledIn("invoices", 5_000)];
    const { completer, ended, due } = createCompleter(async () => answers);
    expect(await completer.complete([reportOf("1"), reportOf("2"), reportOf("3", failed)])).toEqual(answers);
    expect([ended, due]).toEqual([["orders", "invoices"], [5_000]]);
  });

  it("draws the jitter of each attempt that may be tried again", async () => {
    const { completer, stored } = createCompleter(async () => []);
    await completer.complete([reportOf("1", failed), reportOf("2"), reportOf("3", { kind: "timed_out" })]);
    const outcomes = stored[0]?.map((settlement) => settlement.outcome);
    expect(outcomes).toEqual([{ ...failed, random: 0.25 }, completed, { kind: "timed_out", random: 0.75 }]);
  });

  it("stores the reports as they are where none may be tried again", async () => {
    const { completer, stored } = createCompleter(async () => []);
    const reports = [reportOf("1"), reportOf("2", { kind: "released", delayMs: null, reason: null })];
    await completer.complete(reports);
    expect(stored[0]).toBe(reports);
  });

  it("rejects what cannot be stored, and sets off nothing", async () => {
    const { completer, ended } = createCompleter(() => Promise.reject(new Error("the disk is full")));
    await expect(completer.complete([reportOf("1")])).rejects.toThrow("the disk is full");
    expect(ended).toEqual([]);
  });

  it("gives tasks back aside, again and again until they are stored", async () => {
    let isFull = true;
    const { completer, clock, stored, errors, pending } = createCompleter(async () => {
      if (isFull) throw new Error("the disk is full");
      return [];
    });
    completer.giveBack([]);
    completer.giveBack([reportOf("1")]);
    while (errors.length === 0) await Promise.resolve();
    isFull = false;
    clock.advance(1_000);
    await pending.wait();
    expect(stored.map((settlements) => settlements.map(({ outcome }) => outcome.kind))).toEqual([
      ["unsent"],
      ["unsent"],
    ]);
  });
});
