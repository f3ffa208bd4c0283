import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { stationsOf } from "../../../console/src/views/task/stations.ts";
import { ExplanationSchema } from "../../../gen/sitq/v1/explanation_pb.js";
import { AttemptOutcome, TaskSchema, TaskState } from "../../../gen/sitq/v1/task_pb.js";

const at = (seconds: number) => timestampFromMs(seconds * 1_000);
const { COMPLETED, FAILED, LEASE_LOST, UNSPECIFIED } = AttemptOutcome;

function attempt(n: number, outcome: AttemptOutcome, start: number, end?: number) {
  return {
    attempt: n,
    workerId: "w",
    outcome,
    startTime: at(start),
    ...(end !== undefined && { finishTime: at(end) }),
  };
}

function shown(
  task: MessageInitShape<typeof TaskSchema>,
  explanation: MessageInitShape<typeof ExplanationSchema> = {},
) {
  const full = create(TaskSchema, { createTime: at(0), ...task });
  return stationsOf(full, create(ExplanationSchema, explanation)).map(({ name, at: time, kind, isBad }) =>
    [name, time === undefined ? "-" : Number(time.seconds), kind === "past" ? "" : kind, isBad ? "!" : ""]
      .filter((word) => word !== "")
      .join(" "),
  );
}

test.each([
  [
    "one that waits in line, with when it is expected to start",
    { state: TaskState.PENDING },
    { sinceTime: at(0), expectedStartTime: at(9) },
    ["created 0", "pending 0 now", "expected start 9 future"],
  ],
  [
    "one that waits for its time",
    { state: TaskState.SCHEDULED, scheduleTime: at(60) },
    { sinceTime: at(0) },
    ["created 0", "scheduled 0 now", "its time 60 future"],
  ],
  [
    "one that waits for a retry",
    { state: TaskState.SCHEDULED, scheduleTime: at(60), attempts: [attempt(1, FAILED, 1, 2)] },
    { sinceTime: at(2) },
    ["created 0", "attempt 1 1 !", "scheduled 2 now", "next attempt 60 future"],
  ],
  [
    "one that had its time",
    { state: TaskState.COMPLETED, scheduleTime: at(60), finishTime: at(62), attempts: [attempt(1, COMPLETED, 61, 62)] },
    {},
    ["created 0", "its time 60", "attempt 1 61", "completed 62 now"],
  ],
  [
    "one whose lease was lost and that runs again",
    { state: TaskState.RUNNING, attempts: [attempt(1, LEASE_LOST, 1, 31), attempt(2, UNSPECIFIED, 31)] },
    {},
    ["created 0", "attempt 1 1 !", "attempt 2 31 now"],
  ],
  [
    "one that failed; the time of its retries is none of its own",
    {
      state: TaskState.FAILED,
      scheduleTime: at(8),
      finishTime: at(9),
      attempts: [attempt(1, FAILED, 1, 2), attempt(2, FAILED, 8, 9)],
    },
    {},
    ["created 0", "attempt 1 1 !", "attempt 2 8 !", "failed 9 now !"],
  ],
  [
    "one that was cancelled before it began",
    { state: TaskState.CANCELLED, finishTime: at(4) },
    {},
    ["created 0", "cancelled 4 now"],
  ],
])("the life of %s", (_, task, explanation, stations) => {
  expect(shown(task, explanation)).toEqual(stations);
});

test("of many attempts the first and the last are on the line", () => {
  const attempts = Array.from({ length: 100 }, (__, index) => attempt(index + 1, FAILED, index, index + 1));
  const names = shown({ state: TaskState.FAILED, finishTime: at(100), attempts }).map((line) =>
    line.replace(/ \d+ !$/, ""),
  );
  expect(names).toEqual([
    "created 0",
    "attempt 1",
    "attempt 2",
    "94 more attempts -",
    "attempt 97",
    "attempt 98",
    "attempt 99",
    "attempt 100",
    "failed 100 now !",
  ]);
});
