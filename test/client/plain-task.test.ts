import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { DuplicatePolicy, EnqueueRequestSchema } from "../../gen/sitq/v1/queue_service_pb.js";
import { encodeItem } from "../../src/client/encoded-items.ts";
import { newTask } from "../../src/client/index.ts";
import type { TaskOptions } from "../../src/client/new-task.ts";
import { encodePlainTask, isPlain } from "../../src/client/plain-task.ts";

const payloads: readonly unknown[] = [undefined, null, { a: [1, "ä", null] }, new Uint8Array(), new Uint8Array(300)];
const options: readonly TaskOptions[] = [
  {},
  { priority: -1_000, correlationId: "c-1" },
  { priority: 7, requestId: "r" },
];

test("a plain task is written as it would be encoded", () => {
  for (const payload of payloads) {
    for (const each of options) {
      const task = newTask("orders", "ship", payload, each);
      expect(isPlain(each)).toBe(true);
      const { priority = 0, correlationId = "" } = each;
      const message = create(EnqueueRequestSchema, {
        task: { queue: "orders", type: "ship", payload: task.payload, priority, correlationId, sourceService: "shop" },
        requestId: "r",
        duplicatePolicy: DuplicatePolicy.RETURN_EXISTING,
      });
      const expected = Buffer.from(encodeItem(EnqueueRequestSchema, message));
      expect(Buffer.from(encodePlainTask(task, "r", "shop"))).toEqual(expected);
    }
  }
});

test("a task that says anything else is not plain", () => {
  const others: readonly TaskOptions[] = [
    { delayMs: 0 },
    { headers: {} },
    { deduplicationKey: "d" },
    { timeToLiveMs: 5 },
    { maxAttempts: 3, priority: 1 },
  ];
  for (const each of others) expect(isPlain(each)).toBe(false);
});

test("a priority that is no whole number of 32 bits is refused", () => {
  for (const priority of [0.5, 2 ** 40, Number.NaN]) {
    expect(() => encodePlainTask(newTask("q", "t", undefined, { priority }), "r", "")).toThrow();
  }
});
