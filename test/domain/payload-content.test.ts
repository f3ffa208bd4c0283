import { create, toBinary } from "@bufbuild/protobuf";
import { anyPack, StructSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PayloadSchema } from "../../gen/sitq/v1/payload_pb.js";
import { toPayload } from "../../src/client/index.ts";
import { isSamePayload, payloadContent } from "../../src/domain/payload-content.ts";

/** A payload with a Struct as a typed message, whose members are written in this order. */
function messageOf(entries: readonly (readonly [string, unknown])[]): Uint8Array {
  const fields = Object.fromEntries(
    entries.map(([name, value]) => {
      const { kind } = toPayload(value);
      if (kind.case !== "json") throw new Error("no JSON");
      return [name, kind.value] as const;
    }),
  );
  const any = anyPack(StructSchema, create(StructSchema, { fields }));
  return toBinary(PayloadSchema, create(PayloadSchema, { kind: { case: "message", value: any } }));
}

const jsonOf = (value: unknown) => toBinary(PayloadSchema, toPayload(value));

describe("the content of a payload", () => {
  it("is the same for a message whose maps are written in another order, on every level", () => {
    const nested = { x: 1, y: { p: [1, 2], q: "text" } };
    const turned = { y: { q: "text", p: [1, 2] }, x: 1 };
    const one = messageOf([
      ["a", nested],
      ["b", "12"],
      ["c", true],
    ]);
    const other = messageOf([
      ["c", true],
      ["a", turned],
      ["b", "12"],
    ]);
    expect(Buffer.compare(one, other)).not.toBe(0);
    expect(isSamePayload(one, other)).toBe(true);
    expect(payloadContent(one)).toEqual(payloadContent(other));
  });

  it("is another one for other values", () => {
    const of = (value: unknown) =>
      messageOf([
        ["a", value],
        ["b", "x"],
      ]);
    for (const [one, other] of [
      ["12", "21"],
      [1, 2],
      [true, false],
      ["ab", "ba"],
    ]) {
      expect(isSamePayload(of(one), of(other))).toBe(false);
    }
    expect(isSamePayload(of(1), null)).toBe(false);
    expect(isSamePayload(null, null)).toBe(true);
  });

  it("keeps the order of lists in JSON, and bytes as they are", () => {
    expect(isSamePayload(jsonOf([1, 2]), jsonOf([2, 1]))).toBe(false);
    expect(isSamePayload(jsonOf(Uint8Array.of(8, 1, 16, 2)), jsonOf(Uint8Array.of(16, 2, 8, 1)))).toBe(false);
  });

  it("is found for whatever stands in a message", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (value) => {
        const any = { $typeName: "google.protobuf.Any" as const, typeUrl: "x/y", value };
        const payload = toBinary(PayloadSchema, create(PayloadSchema, { kind: { case: "message", value: any } }));
        expect(isSamePayload(payload, payload.slice())).toBe(true);
        const content = payloadContent(payload);
        expect(content.length).toBe(payload.length);
        expect(payloadContent(content)).toEqual(content);
      }),
    );
  });

  it("of a message with very many fields is its encoding", () => {
    const many = messageOf(Array.from({ length: 7_000 }, (_, index) => [`k${index}`, index] as const));
    expect(payloadContent(many)).toBe(many);
  });
});
