import { create, toBinary } from "@bufbuild/protobuf";
import { AnySchema, anyPack } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { type Payload, PayloadSchema } from "../../../gen/sitq/v1/payload_pb.js";
import { RetryPolicySchema, TaskErrorSchema } from "../../../gen/sitq/v1/task_pb.js";
import { defineTask, jsonTask, PayloadMismatchError, toPayload } from "../../../src/client/index.ts";

const typed = defineTask("typed", RetryPolicySchema, TaskErrorSchema);

function payloadOf(kind: Payload["kind"]): Payload {
  return create(PayloadSchema, { kind });
}

test("a typed task packs its messages, from what makes one", () => {
  const payload = typed.input.encode({ multiplier: 2, jitter: 0.5 });
  expect(payload.kind).toMatchObject({
    case: "message",
    value: { typeUrl: "type.googleapis.com/sitq.v1.RetryPolicy" },
  });
  expect(typed.input.decode(payload)).toEqual(create(RetryPolicySchema, { multiplier: 2, jitter: 0.5 }));
});

test("a typed task takes its message's JSON too, as a person types it", () => {
  expect(typed.input.decode(toPayload({ initialBackoff: "1.5s", multiplier: 3 }))).toEqual(
    create(RetryPolicySchema, { initialBackoff: { seconds: 1n, nanos: 500_000_000 }, multiplier: 3 }),
  );
});

const otherMessage = anyPack(TaskErrorSchema, create(TaskErrorSchema, { message: "m" }));
const rubbish = create(AnySchema, {
  typeUrl: "type.googleapis.com/sitq.v1.RetryPolicy",
  value: Uint8Array.of(255, 255),
});

test.each([
  [
    "another message",
    payloadOf({ case: "message", value: otherMessage }),
    "not a type.googleapis.com/sitq.v1.TaskError",
  ],
  ["rubbish", payloadOf({ case: "message", value: rubbish }), "not a valid sitq.v1.RetryPolicy"],
  [
    "a message without a type",
    payloadOf({ case: "message", value: create(AnySchema) }),
    "not a message without a type",
  ],
  ["a malformed type", payloadOf({ case: "message", value: create(AnySchema, { typeUrl: "x/" }) }), "invalid type url"],
  ["bytes", toPayload(Uint8Array.of(1)), "not bytes"],
  ["nothing", undefined, "not an empty payload"],
  ["JSON of another shape", toPayload({ nope: 1 }), "nope"],
])("a typed task refuses %s", (_what, payload, text) => {
  expect(() => typed.input.decode(payload)).toThrow(PayloadMismatchError);
  expect(() => typed.input.decode(payload)).toThrow(text);
});

test("a JSON task takes JSON and nothing, and refuses the rest", () => {
  const task = jsonTask<{ n: number }>("json");
  expect(task.input.decode(task.input.encode({ n: 1 }))).toEqual({ n: 1 });
  expect(task.result.decode(undefined)).toBeUndefined();
  expect(() => task.input.decode(toPayload(Uint8Array.of(1)))).toThrow(PayloadMismatchError);
  expect(() => task.input.decode(typed.input.encode({}))).toThrow(PayloadMismatchError);
});

test("a JSON task's parsers decide what fits", () => {
  const parse = (value: unknown) => {
    if (typeof value !== "number") throw new TypeError("a number is wanted");
    return value;
  };
  const task = jsonTask<number, number>("json", { parseInput: parse, parseResult: parse });
  expect(task.input.decode(toPayload(1))).toBe(1);
  for (const { decode } of [task.input, task.result]) {
    expect(() => decode(toPayload("1"))).toThrow(PayloadMismatchError);
    expect(() => decode(toPayload("1"))).toThrow("a number is wanted");
  }
});

test("what a definition encodes is what the contract says", () => {
  expect(toBinary(PayloadSchema, jsonTask("json").input.encode(undefined))).toHaveLength(0);
  expect(jsonTask<string>("json", { queue: "q" })).toMatchObject({ type: "json", queue: "q" });
});
