import { expect, test } from "vitest";
import type { EndedAttempt } from "../../../src/domain/tasks/attempt-history.ts";
import type { Outcome } from "../../../src/domain/tasks/outcome.ts";
import { judgeRepeat, type ReportedTask } from "../../../src/domain/tasks/repeated-outcome.ts";

const error = { type: "T", message: "m", stackTrace: "" };
const failed: Outcome = { kind: "failed", error, terminal: false, retryDelayMs: null, random: 0 };
const bytes = (text: string) => new TextEncoder().encode(text);

function judge(outcome: Outcome, changes: Partial<ReportedTask> = {}, history: readonly EndedAttempt[] = []) {
  const report = { taskId: "t", attempt: 1, workerId: "w", leaseKind: "stream", outcome } as const;
  const completed = { state: "completed", attempt: 1, workerId: "w", result: () => bytes("done") } as const;
  return judgeRepeat(report, { ...completed, history: () => history, ...changes });
}

test("a completion is a repeat with the result of the first, and never replaces it", () => {
  expect(judge({ kind: "completed", result: bytes("done") })).toBe("settled");
  expect(judge({ kind: "completed", result: bytes("other") })).toBe("already_settled");
  expect(judge({ kind: "completed", result: null })).toBe("already_settled");
});

test("a completion of another attempt, another worker or a task that is not completed is stale", () => {
  const changes = [
    { attempt: 2 },
    { workerId: "v" },
    { workerId: null },
    { state: "running" },
    { state: "failed" },
  ] as const;
  for (const change of changes) expect(judge({ kind: "completed", result: bytes("done") }, change)).toBe("stale");
});

test("any other outcome is a repeat if this worker last ended this attempt so", () => {
  const ended: EndedAttempt = { attempt: 1, workerId: "w", startMs: 0, finishMs: 1, outcome: "failed" };
  expect(judge(failed, {}, [ended])).toBe("settled");
  expect(judge(failed, {}, [{ ...ended, attempt: 2 }, ended])).toBe("settled");
  expect(judge(failed, {}, [{ ...ended, outcome: "released" }, ended])).toBe("stale");
  expect(judge(failed, {}, [{ ...ended, workerId: "v" }])).toBe("stale");
  expect(judge(failed)).toBe("stale");
});

test("what the server says of a hand-out that failed is no repeat", () => {
  const ended: EndedAttempt = { attempt: 1, workerId: "w", startMs: 0, finishMs: 1, outcome: "released" };
  for (const kind of ["unsent", "not_arrived"] as const) expect(judge({ kind }, {}, [ended])).toBe("stale");
});
