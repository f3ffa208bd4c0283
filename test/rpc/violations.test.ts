import { fromBinary } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { Metadata } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { BadRequestSchema } from "../../gen/google/rpc/error_details_pb.js";
import { type Status, StatusSchema } from "../../gen/google/rpc/status_pb.js";
import { itemError } from "../../src/client/connection/item-error.ts";
import { CallError } from "../../src/grpc/client/call-error.ts";
import { bytes, json, present } from "../harness/calls/tasks.ts";
import type { TestServer } from "../harness/server.ts";
import { shareServer } from "../harness/shared-server.ts";

const shared = shareServer({ config: { maxPayloadBytes: 1_024 } });

/** The fields of a BadRequest, in its order. */
function fieldsIn(status: Status | undefined): string[] {
  const violations = status?.details.flatMap((any) => anyUnpack(any, BadRequestSchema)?.fieldViolations ?? []) ?? [];
  for (const { field, description, reason } of violations) {
    expect([field, reason]).toEqual([field, expect.stringMatching(/^(INVALID_FIELD|PAYLOAD_TOO_LARGE)$/)]);
    expect(description).toMatch(/^[a-z]/);
  }
  return violations.map(({ field }) => field);
}

/** The error of a call that is refused, and the fields of its BadRequest as the wire has them. */
async function refused(call: Promise<unknown>) {
  const error = await call.then(
    () => null,
    (caught: unknown) => caught,
  );
  if (!(error instanceof CallError)) throw new Error("The call is refused.");
  const metadata = error.cause instanceof Error && "metadata" in error.cause ? error.cause.metadata : undefined;
  const encoded = metadata instanceof Metadata ? metadata.get("grpc-status-details-bin")[0] : undefined;
  if (!Buffer.isBuffer(encoded)) throw new Error("The status has details.");
  return { error, fields: fieldsIn(fromBinary(StatusSchema, encoded)) };
}

const minus = { seconds: -1n };
const badRetry = { multiplier: 0.5, jitter: 2, initialBackoff: minus };

describe("every field that is wrong is named at once, the first in the text", () => {
  const calls: Record<string, { fields: readonly string[]; call(server: TestServer): Promise<unknown> }> = {
    "Enqueue of a plain task": {
      fields: ["request_id", "task.queue", "task.type", "task.payload", "task.priority", "task.source_service"],
      call: ({ queue }) =>
        queue.enqueue({
          requestId: "é",
          task: {
            queue: "no queue",
            priority: 1_000_000,
            sourceService: "x".repeat(500),
            payload: { kind: { case: "binary", value: new Uint8Array(5_000) } },
          },
        }),
    },
    "Enqueue with payload and headers full of what is wrong": {
      fields: ["task.payload.json", "task.priority", "task.headers", "task.max_attempts"],
      call: ({ queue }) =>
        queue.enqueue({
          task: {
            queue: "q",
            type: "t",
            priority: 1_000_000,
            maxAttempts: -1,
            payload: json(Array.from({ length: 40 }, () => Number.NaN)),
            headers: Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`${index}`.padStart(300, "k"), ""])),
          },
        }),
    },
    Enqueue: {
      fields: [
        "task.queue",
        "task.type",
        "task.payload.json",
        "task.delay",
        "task.max_attempts",
        "task.retry_policy.initial_backoff",
        "task.retry_policy.multiplier",
        "task.retry_policy.jitter",
        "task.attempt_timeout",
        "dispatch.worker_id",
      ],
      call: ({ queue }) =>
        queue.enqueue({
          task: {
            maxAttempts: -1,
            retryPolicy: badRetry,
            attemptTimeout: minus,
            delay: minus,
            payload: json(Number.NaN),
          },
          dispatch: { workerId: "w", strategy: 1 },
        }),
    },
    Publish: {
      fields: [
        "event.type",
        "event.source_service",
        "event.data",
        "event.attributes",
        "event.attributes.Bad",
        "event.attributes.type",
      ],
      call: ({ event }) =>
        event.publish({
          event: {
            data: bytes(5_000),
            attributes: {
              type: { kind: { case: "stringValue", value: "x" } },
              Bad: { kind: { case: "nullValue", value: 0 } },
            },
          },
        }),
    },
    StartWorkflow: {
      fields: [
        "name",
        "steps[0].step_id",
        "steps[0].action",
        "steps[1].service_name",
        "steps[1].retry_policy.multiplier",
        "correlation_id",
      ],
      call: ({ workflow }) =>
        workflow.startWorkflow({
          correlationId: "x".repeat(5_000),
          steps: [
            { stepId: "1", serviceName: "s" },
            { stepId: "b", action: "a", retryPolicy: { multiplier: 0.5 } },
          ],
        }),
    },
    RegisterInstance: {
      fields: ["service_name", "instance_id", "address", "capacity", "ttl", "current_load"],
      call: ({ registry }) => registry.registerInstance({ capacity: -1, ttl: minus, currentLoad: -1 }),
    },
    UpdateQueue: {
      fields: ["queue.name", "queue.max_running", "queue.retry_policy.jitter", "queue.retention.failed"],
      call: ({ queue }) =>
        queue.updateQueue({ queue: { maxRunning: -1, retryPolicy: { jitter: 2 }, retention: { failed: minus } } }),
    },
    "UpdateQueue by a mask": {
      fields: ["queue.name", "update_mask.paths[1]", "queue.max_running"],
      call: ({ queue }) =>
        queue.updateQueue({ queue: { maxRunning: -1 }, updateMask: { paths: ["max_running", "name"] } }),
    },
    CreateSubscription: {
      fields: [
        "subscription.name",
        "subscription.paused",
        "subscription.filter.types[0]",
        "subscription.filter.types[1]",
        "subscription.max_attempts",
        "start",
      ],
      call: ({ event }) =>
        event.createSubscription({
          subscription: { paused: true, maxAttempts: -1, filter: { types: ["a..b", "c".repeat(300)] } },
        }),
    },
    UpdateSubscription: {
      fields: ["subscription.name", "subscription.filter.types[0]", "subscription.max_attempts"],
      call: ({ event }) => event.updateSubscription({ subscription: { maxAttempts: -1, filter: { types: ["a..b"] } } }),
    },
    "UpdateSubscription by a mask": {
      fields: ["subscription.name", "update_mask.paths[1]", "subscription.max_attempts"],
      call: ({ event }) =>
        event.updateSubscription({
          subscription: { maxAttempts: -1 },
          updateMask: { paths: ["max_attempts", "queue"] },
        }),
    },
  };

  for (const [name, { fields, call }] of Object.entries(calls)) {
    it(name, async () => {
      const found = await refused(call(shared()));
      expect(found.fields.toSorted()).toEqual(fields.toSorted());
      expect(found.error).toMatchObject({
        field: found.fields[0],
        others: found.fields.slice(1).map((field) => ({ field })),
      });
      expect(found.error.message).toContain(found.fields[0]);
    });
  }

  it("an item of EnqueueBatch and of PublishBatch, below its place", async () => {
    const { results } = await shared().queue.enqueueBatch({
      requests: [
        { task: { queue: "q", type: "t" } },
        { task: { priority: 1_000_000 } },
        { requestId: "é", task: { queue: "q" } },
      ],
    });
    expect(results.map(({ error }) => fieldsIn(error))).toEqual([
      [],
      ["requests[1].task.queue", "requests[1].task.type", "requests[1].task.priority"],
      ["requests[2].request_id", "requests[2].task.type"],
    ]);
    const item = itemError(present(results[1]?.error));
    expect([item.field, ...item.others.map(({ field }) => field)]).toEqual([
      "task.queue",
      "task.type",
      "task.priority",
    ]);
    const published = await shared().event.publishBatch({ requests: [{ event: {} }] });
    expect(fieldsIn(published.results[0]?.error)).toEqual([
      "requests[0].event.type",
      "requests[0].event.source_service",
    ]);
  });
});

it("names some of very many, in trailers that every client takes", async () => {
  const steps = Array.from({ length: 90 }, () => ({ stepId: `${"é".repeat(500)}`, serviceName: "" }));
  const { fields, error } = await refused(shared().workflow.startWorkflow({ steps }));
  expect(error).toMatchObject({ reason: "INVALID_FIELD", field: "name" });
  expect(fields[0]).toBe("name");
  expect(fields.length).toBeGreaterThan(3);
  expect(fields.length).toBeLessThanOrEqual(20);
  // And what is sound after it is not disturbed.
  await shared().queue.enqueue({ task: { queue: "q", type: "t" } });
});
