import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { edited, mistakesIn, settingGroups } from "../../../console/src/views/queue/settings.ts";
import { BalancingStrategy, QueueSchema } from "../../../gen/sitq/v1/queue_pb.js";

const queue = create(QueueSchema, {
  name: "mail",
  maxRunning: 20,
  strategy: BalancingStrategy.LEAST_LOADED,
  maxAttempts: 5,
  attemptTimeout: { seconds: 90n },
  retryPolicy: { initialBackoff: { seconds: 1n }, maxBackoff: { seconds: 600n }, multiplier: 2, jitter: 0.2 },
  retention: { completed: { seconds: 86_400n }, failed: { seconds: 2_592_000n }, cancelled: { seconds: 86_400n } },
});

function textsOf(of = queue) {
  const fields = settingGroups.flatMap((group) => group.fields);
  return Object.fromEntries(fields.map((field) => [field.path.replace("queue.", ""), field.read(of)]));
}

test("a queue's settings are texts that say the same when they are written back", () => {
  expect(textsOf()).toEqual({
    max_running: "20",
    max_depth: "",
    strategy: "least loaded",
    max_attempts: "5",
    "retry_policy.initial_backoff": "1s",
    "retry_policy.max_backoff": "10m",
    "retry_policy.multiplier": "2",
    "retry_policy.jitter": "0.2",
    attempt_timeout: "1m 30s",
    "retention.completed": "1d",
    "retention.failed": "30d",
    "retention.cancelled": "1d",
  });
  const draft = new Map(Object.entries(textsOf()).map(([path, text]) => [`queue.${path}`, text]));
  expect(mistakesIn(draft)).toEqual(new Map());
  expect(edited(queue, draft).queue).toEqual(queue);
});

test("only what is typed is changed, and parts of a policy stay as the queue has them", () => {
  const draft = new Map([
    ["queue.max_running", "50"],
    ["queue.strategy", "round robin"],
    ["queue.retry_policy.jitter", "0"],
    ["queue.retention.failed", " 1w "],
  ]);
  const { queue: changed, updateMask } = edited(queue, draft);
  expect(updateMask.paths).toEqual(["max_running", "strategy", "retry_policy", "retention"]);
  expect(textsOf(changed)).toEqual({
    ...textsOf(),
    max_running: "50",
    strategy: "round robin",
    "retry_policy.jitter": "0",
    "retention.failed": "7d",
  });
  expect(queue.maxRunning).toBe(20);
});

test("nothing stands for the default", () => {
  const draft = new Map([
    ["queue.max_running", ""],
    ["queue.attempt_timeout", ""],
    ["queue.retry_policy.max_backoff", " "],
    ["queue.retry_policy.jitter", ""],
    ["queue.retention.completed", ""],
  ]);
  expect(mistakesIn(draft)).toEqual(new Map());
  const { queue: changed } = edited(queue, draft);
  expect(changed.maxRunning).toBe(0);
  expect(changed.attemptTimeout).toBeUndefined();
  expect(changed.retryPolicy?.maxBackoff).toBeUndefined();
  expect(changed.retryPolicy?.jitter).toBeUndefined();
  expect(changed.retention?.completed).toBeUndefined();
});

test.each([
  ["max_running", "0", "A whole number from 1 to 1,000,000, or nothing."],
  ["max_running", "-1", "A whole number from 1 to 1,000,000, or nothing."],
  ["max_running", "1.5", "A whole number from 1 to 1,000,000, or nothing."],
  ["max_depth", "1000000001", "A whole number from 1 to 1,000,000,000, or nothing."],
  ["max_attempts", "many", "A whole number from 1 to 1,000, or nothing."],
  ["strategy", "fair", "Choose one of the list."],
  ["retry_policy.multiplier", "0.5", "A number from 1 to 10, such as 0.25, or nothing."],
  ["retry_policy.jitter", "1.1", "A number from 0 to 1, such as 0.25, or nothing."],
  ["retry_policy.initial_backoff", "2d", "From 0 to 1d, or nothing."],
  ["attempt_timeout", "30", "Write a number with its unit: 500ms, 30s, 10m, 1h, 7d, 2w."],
  ["attempt_timeout", "0", "From 1ms to 7d, or nothing."],
  ["retention.failed", "forever", "Write a number with its unit: 500ms, 30s, 10m, 1h, 7d, 2w."],
])("%s of %s is a mistake", (path, text, mistake) => {
  expect(mistakesIn(new Map([[`queue.${path}`, text]]))).toEqual(new Map([[`queue.${path}`, mistake]]));
});
