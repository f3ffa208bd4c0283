import { expect, it } from "vitest";
import { type DeliveredTask, taskChecksum } from "../../../../src/store/sqlite/rows/task-checksum.ts";

const plain: DeliveredTask = {
  id: 1_234_567_890_123,
  queue_id: 1,
  priority: 0,
  type: "order.ship",
  correlation_id: null,
  source_service: null,
  options: null,
  headers: null,
  payload: null,
  event_key: null,
  subscription_id: null,
  workflow_id: null,
  undoes: null,
};

// Rows on the disk carry these sums: a sum that changes takes every task that waits for damaged after an upgrade.
it.each<[string, DeliveredTask, number]>([
  ["a task with nothing special", plain, -632_754_691],
  [
    "a task with everything",
    {
      ...plain,
      priority: -7,
      correlation_id: "order-17",
      source_service: "shop",
      options: '{"maxAttempts":9}',
      headers: '{"traceparent":"00-ab"}',
      payload: new TextEncoder().encode("payload"),
    },
    -1_556_906_897,
  ],
  ["a delivery", { ...plain, event_key: 99, subscription_id: 3 }, 115_671_748],
  ["a compensation", { ...plain, workflow_id: 1_234_567_890_000, undoes: 2 }, -430_203_314],
])("the checksum of %s stays what older versions stored", (_, task, sum) => {
  expect(taskChecksum(task)).toBe(sum);
});
