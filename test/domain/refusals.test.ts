import { expect, test } from "vitest";
import { draining, noRoomForBackup } from "../../src/domain/refusals/server.ts";
import { queueFull, requestIdReused } from "../../src/domain/refusals/tasks.ts";

test("a stop is refused with one sentence, and always says when to try again", () => {
  expect(draining()).toMatchObject({
    reason: "DRAINING",
    message: "The server is stopping. Try again in a moment.",
    details: { retryAfterMs: 1_000 },
  });
  expect(draining("It is deleted.")).toMatchObject({
    message: "The server is stopping. It is deleted.",
    details: { retryAfterMs: 1_000 },
  });
});

test("a full queue names the field, the queue and its depth, and says when to try again", () => {
  expect(queueFull("task.queue", "email", 10)).toMatchObject({
    reason: "QUEUE_FULL",
    message: "Queue email holds 10 unfinished tasks, its limit.",
    details: { field: "task.queue", metadata: { queue: "email", depth: "10" }, retryAfterMs: 1_000 },
  });
});

test.each([
  ["task", "This request_id made the task t1, with other content.", { task_id: "t1" }],
  ["workflow", "This request_id started the workflow t1, with other content.", { workflow_id: "t1" }],
] as const)("a reused request id names the %s", (what, message, metadata) => {
  expect(requestIdReused(what, "t1")).toMatchObject({ message, details: { field: "request_id", metadata } });
});

test("a backup without room says how much it needs, if that is known", () => {
  expect(noRoomForBackup(3_000_000)).toMatchObject({
    message: "A backup needs 3 MiB of free disk beside the database of the server.",
    details: { metadata: { needed_bytes: "3000000" } },
  });
  expect(noRoomForBackup(null).message).toBe("There is no free disk beside the database of the server.");
});
