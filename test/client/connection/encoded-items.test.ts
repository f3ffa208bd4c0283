import { create, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { OutcomeSchema, WorkRequest_OutcomesSchema } from "../../../gen/sitq/v1/worker_service_pb.js";
import { encodeItem, messageOfItems } from "../../../src/client/connection/encoded-items.ts";

test("a message of encoded items is on the wire what a message of the items is", () => {
  // Lengths around the steps of a varint.
  const length = fc.oneof(fc.nat(300), fc.integer({ min: 16_300, max: 16_500 }));
  fc.assert(
    fc.property(fc.array(length, { maxLength: 5 }), (lengths) => {
      const outcomes = lengths.map((n) => create(OutcomeSchema, { taskId: "x".repeat(n), attempt: n }));
      const items = outcomes.map((outcome) => encodeItem(OutcomeSchema, outcome));
      const encoded = toBinary(WorkRequest_OutcomesSchema, messageOfItems(WorkRequest_OutcomesSchema, items));
      const plain = toBinary(WorkRequest_OutcomesSchema, create(WorkRequest_OutcomesSchema, { outcomes }));
      expect(Buffer.compare(encoded, plain)).toBe(0);
      expect(items.reduce((sum, item) => sum + item.length + 1, 0)).toBe(plain.length);
    }),
  );
});

test("what is out of range is refused when it is encoded", () => {
  expect(() => encodeItem(OutcomeSchema, create(OutcomeSchema, { attempt: 1e12 }))).toThrow();
});
