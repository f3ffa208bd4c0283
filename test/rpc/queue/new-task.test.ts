import { expect, it } from "vitest";
import { EnqueueRequestSchema } from "../../../gen/sitq/v1/queue_service_pb.js";
import { codecOf } from "../../../src/grpc/message-codec.ts";
import { fromEnqueueRequest } from "../../../src/rpc/queue/new-task.ts";

/** The payload that is stored of a request that comes with this one. */
function stored(payload: readonly number[]): number[] | null {
  const task = [18, 1, 113, 26, 1, 116, 34, payload.length, ...payload];
  const request = codecOf(EnqueueRequestSchema).decodeOpaque(Uint8Array.of(10, task.length, ...task));
  const { payload: bytes } = fromEnqueueRequest(request, { maxPayloadBytes: 300, nowMs: 1_000, principal: "" });
  return bytes && [...bytes];
}

it("stores the shortest form of a payload, whatever form came", () => {
  expect(stored([0x12, 2, 1, 2])).toEqual([0x12, 2, 1, 2]);
  // Its length in two bytes where one is enough: equal content is equal when it is stored.
  expect(stored([0x12, 0x82, 0, 1, 2])).toEqual([0x12, 2, 1, 2]);
  // Twice: the last one counts.
  expect(stored([0x12, 1, 7, 0x12, 2, 1, 2])).toEqual([0x12, 2, 1, 2]);
});

it("stores no payload for one that holds nothing", () => {
  expect(stored([])).toBeNull();
});
