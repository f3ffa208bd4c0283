import { expect, test } from "vitest";
import {
  attemptsOf,
  type EndedAttempt,
  lastOutcome,
  releasesInARow,
} from "../../../src/domain/tasks/attempt-history.ts";
import type { Task, TaskAttempt } from "../../../src/domain/tasks/task.ts";

const release: EndedAttempt = { attempt: 1, workerId: "w", startMs: 0, finishMs: 999, outcome: "released" };
const ran: EndedAttempt = { ...release, finishMs: 1_000 };
const failed: EndedAttempt = { ...release, outcome: "failed" };

test("releases in a row are the newest ones that did not run", () => {
  expect(releasesInARow(() => [])).toBe(0);
  expect(releasesInARow(() => [release, release, failed, release])).toBe(2);
  expect(releasesInARow(() => [release, ran, release])).toBe(1);
  expect(releasesInARow(() => [failed, release])).toBe(0);
});

test("the history is read no further than it must be", () => {
  let read = 0;
  function* history() {
    for (const attempt of [release, failed, release]) {
      read++;
      yield attempt;
    }
  }
  expect([releasesInARow(history), lastOutcome(history, 1, "w"), read]).toEqual([1, "released", 3]);
});

test("the last outcome is that of the attempt and the worker", () => {
  const history = () => [{ ...failed, attempt: 2 }, { ...failed, workerId: "v" }, release, failed];
  expect(lastOutcome(history, 1, "w")).toBe("released");
  expect(lastOutcome(history, 1, "v")).toBe("failed");
  expect(lastOutcome(history, 3, "w")).toBeNull();
});

test("a task shows its attempts on record, and the one that runs or completed", () => {
  const onRecord: TaskAttempt[] = [
    { ...failed, error: null },
    { ...failed, attempt: 2, error: null },
  ];
  const task = { state: "running", attempt: 3, workerId: "w", startMs: 5, finishMs: null } as Task;
  const running = { attempt: 3, workerId: "w", startMs: 5, finishMs: null, outcome: null, error: null };
  expect(attemptsOf(task, onRecord, 10)).toEqual([...onRecord, running]);
  const done = { ...task, state: "completed", finishMs: 9 } as Task;
  expect(attemptsOf(done, onRecord, 2)).toEqual([onRecord[1], { ...running, finishMs: 9, outcome: "completed" }]);
  expect(attemptsOf({ ...task, state: "pending" }, onRecord, 10)).toEqual(onRecord);
});
