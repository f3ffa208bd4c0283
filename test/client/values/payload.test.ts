import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Payload, PayloadSchema } from "../../../gen/sitq/v1/payload_pb.js";
import { fromPayload, toPayload } from "../../../src/client/index.ts";

/** Over the wire and back. */
const travel = (payload: Payload) => fromBinary(PayloadSchema, toBinary(PayloadSchema, payload));
const there = (value: unknown) => fromPayload(travel(toPayload(value)));

test("carries every JSON value there and back", () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: "binary", maxDepth: 10 }), (value) => {
      expect(there(value)).toEqual(value);
    }),
  );
});

test("carries members with the names of an object's own machinery", () => {
  const text = '{"__proto__":{"a":1},"constructor":2,"toString":3}';
  const back = there(JSON.parse(text));
  expect(JSON.stringify(back)).toBe(text);
  expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
});

test("does as JSON.stringify does with toJSON and with members that are undefined", () => {
  expect(there({ at: new Date(0), gone: undefined, kept: null })).toEqual({
    at: "1970-01-01T00:00:00.000Z",
    kept: null,
  });
});

test("carries bytes, in a copy of their own", () => {
  const payload = travel(toPayload(Uint8Array.of(1, 2, 3)));
  const bytes = fromPayload(payload);
  expect(bytes).toEqual(Uint8Array.of(1, 2, 3));
  if (!(bytes instanceof Uint8Array) || payload.kind.case !== "binary") return expect.unreachable();
  payload.kind.value[0] = 9;
  expect(bytes[0]).toBe(1);
  expect(bytes.buffer.byteLength).toBe(3);
});

test("carries nothing as an empty payload", () => {
  expect(toBinary(PayloadSchema, toPayload(undefined))).toHaveLength(0);
  expect(there(undefined)).toBeUndefined();
  expect(fromPayload(undefined)).toBeUndefined();
});

test("answers a typed message as it is", () => {
  const any = create(AnySchema, { typeUrl: "type.googleapis.com/a.B", value: Uint8Array.of(1) });
  expect(fromPayload(create(PayloadSchema, { kind: { case: "message", value: any } }))).toBe(any);
});

const looped: { self?: unknown } = {};
looped.self = looped;

test.each([
  ["NaN", { a: [1, Number.NaN] }, "$.a[1]: NaN"],
  ["an infinity", Number.POSITIVE_INFINITY, "$: Infinity"],
  ["a function", { f: () => 1 }, "$.f: a function"],
  ["a symbol", [Symbol("s")], "$[0]: a symbol"],
  ["a Map", { at: new Map([["a", 1]]) }, "$.at: a Map, of which it would write {}"],
  ["a Set", [new Set([1])], "$[0]: a Set, of which it would write {}"],
  ["a forgotten await", { shelf: Promise.resolve(3) }, "$.shelf: a Promise, of which it would write {}"],
  ["an error", { error: new TypeError("no") }, "$.error: an Error, of which it would write {}"],
  ["a bigint", { n: 1n }, "$.n: the bigint 1; write it as text"],
  ["undefined in a list", [undefined], "$[0]: undefined"],
  ["bytes below the top", { b: Uint8Array.of(1) }, "$.b: bytes below the top"],
  ["a buffer", new ArrayBuffer(1), "$: bytes below the top"],
  ["what refers to itself", looped, "30 levels deep"],
])("refuses %s, and says where", (_what, value, place) => {
  expect(() => toPayload(value)).toThrow(TypeError);
  expect(() => toPayload(value)).toThrow(place);
});

test("takes 30 levels and no more", () => {
  const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
  expect(there(nested(30))).toEqual(nested(30));
  expect(() => toPayload(nested(31))).toThrow("30 levels deep");
});
