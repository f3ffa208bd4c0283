import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { type Entry, taskEntry } from "../../../console/src/views/trace/entries.ts";
import { axisOf, placeOf, scaleText, segmentsOf, ticksOf } from "../../../console/src/views/trace/waterfall.ts";
import { AttemptOutcome, TaskAttemptSchema, TaskSchema, TaskState } from "../../../gen/sitq/v1/task_pb.js";

const axis = { fromMs: 0, toMs: 1_000 };

function task(state: TaskState, times: Partial<Record<"create" | "start" | "finish", number>>, attempt = 1): Entry {
  const { create: createMs = 0, start, finish } = times;
  return taskEntry(
    create(TaskSchema, {
      id: "01",
      state,
      attempt,
      createTime: timestampFromMs(createMs),
      ...(start !== undefined && { startTime: timestampFromMs(start) }),
      ...(finish !== undefined && { finishTime: timestampFromMs(finish) }),
    }),
  );
}

function attempt(number: number, outcome: AttemptOutcome, startMs: number, finishMs?: number) {
  return create(TaskAttemptSchema, {
    attempt: number,
    outcome,
    startTime: timestampFromMs(startMs),
    ...(finishMs !== undefined && { finishTime: timestampFromMs(finishMs) }),
  });
}

function bars(...args: Parameters<typeof segmentsOf>) {
  return segmentsOf(...args).map(({ kind, fromMs, toMs, label }) => `${kind} ${fromMs}-${toMs} ${label}`);
}

test("a bar shows how long a task waited and how long it ran", () => {
  const cases: readonly (readonly [Entry, readonly string[]])[] = [
    [task(TaskState.COMPLETED, { start: 200, finish: 500 }), ["waiting 0-200 waiting", "completed 200-500 completed"]],
    [
      task(TaskState.FAILED, { start: 200, finish: 500 }, 3),
      ["waiting 0-200 waiting", "failed 200-500 failed, attempt 3"],
    ],
    [task(TaskState.RUNNING, { start: 200 }), ["waiting 0-200 waiting", "running 200-700 running"]],
    [task(TaskState.PENDING, { create: 100 }, 0), ["waiting 100-1000 waiting"]],
    [task(TaskState.CANCELLED, { finish: 300 }, 0), ["waiting 0-300 waiting"]],
    [task(TaskState.SCHEDULED, { start: 200 }, 2), ["waiting 0-200 waiting", "waiting 200-1000 after attempt 2"]],
  ];
  for (const [entry, shown] of cases) expect(bars(entry, axis, 700)).toEqual(shown);
});

test("where the attempts are known, each has a part of its own", () => {
  const ended = [
    attempt(1, AttemptOutcome.LEASE_LOST, 100, 300),
    attempt(2, AttemptOutcome.FAILED, 400, 450),
    attempt(3, AttemptOutcome.COMPLETED, 600, 800),
  ];
  expect(bars(task(TaskState.COMPLETED, { start: 600, finish: 800 }, 3), axis, 900, ended)).toEqual([
    "waiting 0-100 waiting",
    "failed 100-300 attempt 1, lease lost",
    "waiting 300-400 waiting",
    "failed 400-450 attempt 2, failed",
    "waiting 450-600 waiting",
    "completed 600-800 attempt 3, completed",
  ]);
  const waits = ended.slice(0, 2);
  expect(bars(task(TaskState.SCHEDULED, { start: 400 }, 2), axis, 900, waits).at(-1)).toBe("waiting 450-1000 waiting");
  const runs = [attempt(1, AttemptOutcome.UNSPECIFIED, 100)];
  expect(bars(task(TaskState.RUNNING, { start: 100 }), axis, 900, runs).at(-1)).toBe(
    "running 100-900 attempt 1, running",
  );
});

test("what only waits does not stretch the axis, what runs does", () => {
  const done = task(TaskState.COMPLETED, { create: 1_000, start: 1_200, finish: 2_000 });
  const waits = task(TaskState.PENDING, { create: 1_100 }, 0);
  const runs = task(TaskState.RUNNING, { create: 1_000, start: 1_500 });
  expect(axisOf([done], 90_000)).toEqual({ fromMs: 1_000, toMs: 2_000 });
  expect(axisOf([done, waits], 90_000)).toEqual({ fromMs: 1_000, toMs: 2_040 });
  expect(axisOf([done, runs], 91_000)).toEqual({ fromMs: 1_000, toMs: 94_600 });
  expect(axisOf([], 5)).toEqual({ fromMs: 4, toMs: 5 });
});

test("places lie on the axis, whatever the clocks say", () => {
  expect([-5, 0, 250, 1_000, 2_000].map((ms) => placeOf(axis, ms))).toEqual([0, 0, 0.25, 1, 1]);
});

test("an axis of any length has at most seven marks at round spans", () => {
  const cases: readonly (readonly [number, readonly string[]])[] = [
    [3, ["0ms", "1ms", "2ms", "3ms"]],
    [2_600, ["0ms", "500ms", "1s", "1.5s", "2s", "2.5s"]],
    [70_000, ["0ms", "15s", "30s", "45s", "1m"]],
    [5_400_000, ["0ms", "15m", "30m", "45m", "1h", "1h 15m", "1h 30m"]],
  ];
  for (const [length, marks] of cases) {
    expect(ticksOf({ fromMs: 7, toMs: 7 + length }).map(scaleText)).toEqual(marks);
  }
  for (let length = 1; length < 1e13; length = Math.ceil(length * 1.7)) {
    expect(ticksOf({ fromMs: 0, toMs: length }).length).toBeLessThanOrEqual(7);
  }
});
