import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Payload, PayloadSchema } from "../../../gen/sitq/v1/payload_pb.js";
import { CompleteTaskRequestSchema, WorkResponseSchema } from "../../../gen/sitq/v1/worker_service_pb.js";
import type { JsonValue } from "../../../src/contract/json-value.ts";
import { MalformedMessage } from "../../../src/grpc/codec.ts";
import { codecOf } from "../../../src/grpc/message-codec.ts";
import { jsonFormOf } from "../../../src/rpc/convert/json-form.ts";
import { payloadCodec } from "../../../src/rpc/convert/json-payload.ts";
import { fromPayload, toPayload } from "../../../src/rpc/convert/payload.ts";

const { decodeOpaque } = codecOf(PayloadSchema);
const rulesOf = (canonical: boolean) => ({ maxBytes: 1_048_576, canonical });

/** What is stored of an encoded payload, or the error. */
function outcome(read: () => Payload, canonical: boolean): Uint8Array | string | null {
  try {
    const bytes = fromPayload("p", read(), rulesOf(canonical));
    return bytes === null ? null : Uint8Array.from(bytes);
  } catch (error) {
    return error instanceof Error ? error.constructor.name + error.message : "";
  }
}

const opaque = (bytes: Uint8Array, canonical: boolean) => outcome(() => decodeOpaque(bytes), canonical);
const decoded = (bytes: Uint8Array, canonical: boolean) => outcome(() => fromBinary(PayloadSchema, bytes), canonical);

const member = fc.oneof(
  fc.constantFrom("a", "b", "é", "\uffee", "🙂", "1", "10", "9", "01", "4294967295", "__proto__", ""),
  fc.string({ unit: "grapheme" }),
);
const json: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: "grapheme", maxLength: 100 }),
    fc.array(tie("value"), { maxLength: 5 }),
    fc.uniqueArray(fc.tuple(member, tie("value")), { selector: ([key]) => key, maxLength: 6 }).map(Object.fromEntries),
  ),
})).value;

/** An object with its members in this order, which no object of JavaScript keeps for numbers. */
function structOf(entries: readonly (readonly [string, JsonValue])[]): Uint8Array {
  const fields = entries.map(([key, value]) => payloadCodec.encodeJson({ [key]: value }).subarray(0));
  // Each is json, its length, struct, its length, and then the one member.
  const members = fields.map((bytes) => {
    const { kind } = fromBinary(PayloadSchema, bytes);
    const struct = kind.case === "json" && kind.value.kind.case === "structValue" ? kind.value.kind.value : undefined;
    return toBinary(
      ValueSchema,
      create(ValueSchema, { kind: { case: "structValue", value: struct ?? { fields: {} } } }),
    );
  });
  const bodies = members.map((bytes) => Buffer.from(bytes.subarray(bytes.length > 129 ? 3 : 2)));
  return lengthDelimited(0x0a, lengthDelimited(0x2a, Buffer.concat(bodies)));
}

function lengthDelimited(tag: number, content: Uint8Array): Uint8Array {
  return new BinaryWriter().uint32(tag).bytes(content).finish();
}

/** JSON that is a list in a list in a list. */
function nestedPayload(depth: number): Buffer {
  let bytes = Buffer.from([]);
  const field = (number: number) => {
    const size: number[] = [];
    for (let rest = bytes.length; ; rest >>>= 7) {
      size.push(rest > 127 ? (rest & 127) | 128 : rest);
      if (rest <= 127) break;
    }
    bytes = Buffer.concat([Buffer.from([(number << 3) | 2, ...size]), bytes]);
  };
  for (let i = 0; i < depth; i++) {
    field(6); // Value.list_value
    field(1); // ListValue.values
  }
  field(6);
  field(1); // Payload.json
  return bytes;
}

describe("a payload that is not looked into", () => {
  it("is no Buffer when it is stored, whose JSON is another than that of bytes", () => {
    const stored = opaque(payloadCodec.encodeJson({ b: 1, a: 2 }), true);
    const direct = fromPayload("p", decodeOpaque(payloadCodec.encodeJson({ b: 1, a: 2 })), rulesOf(true));
    expect(stored).toEqual(decoded(payloadCodec.encodeJson({ a: 2, b: 1 }), true));
    expect(direct).not.toHaveProperty("toJSON");
  });

  it("may be nested to the bound, and is refused beyond, however deep", () => {
    expect(opaque(nestedPayload(29), true)).toEqual(decoded(nestedPayload(29), true));
    expect(() => fromPayload("p", decodeOpaque(nestedPayload(30)), rulesOf(true))).toThrow("30 levels deep");
    const deepest = decodeOpaque(nestedPayload(10_000));
    expect(() => fromPayload("p", deepest, rulesOf(true))).toThrow(MalformedMessage);
  });

  it("may hold unknown groups, but none so deep that its receiver refuses all that is delivered with it", () => {
    const withGroups = (depth: number) => {
      const bytes = Buffer.concat([Buffer.of(0x12, 1, 7), Buffer.alloc(depth, 0x7b), Buffer.alloc(depth, 0x7c)]);
      return fromPayload("p", decodeOpaque(bytes), rulesOf(true));
    };
    const payload = codecOf(PayloadSchema).decode(withGroups(89) ?? new Uint8Array());
    const response = create(WorkResponseSchema, {
      message: { case: "tasks", value: { tasks: [{ payload, results: { step: payload } }] } },
    });
    expect(codecOf(WorkResponseSchema).decode(toBinary(WorkResponseSchema, response))).toMatchObject({
      message: { case: "tasks", value: { tasks: [{ payload, results: { step: payload } }] } },
    });
    expect(() => withGroups(90)).toThrow(MalformedMessage);
  });

  it("is stored as one that is decoded and encoded again", () => {
    fc.assert(
      fc.property(json, (value) => {
        const bytes = payloadCodec.encodeJson(value);
        expect(opaque(bytes, true)).toEqual(decoded(bytes, true));
        expect(opaque(bytes, false)).toEqual(decoded(bytes, false));
      }),
    );
  });

  it("has its members in the same order when it is stored, whatever order they came in", () => {
    const entries = fc.uniqueArray(fc.tuple(member, fc.integer()), { selector: ([key]) => key, maxLength: 8 });
    fc.assert(
      fc.property(entries, (each) => {
        const bytes = structOf(each);
        expect(opaque(bytes, true)).toEqual(decoded(bytes, true));
      }),
    );
  });

  it("has thousands of members in order, whatever their names are", () => {
    const names = fc
      .sample(fc.tuple(member, fc.nat(99_999)), { numRuns: 3_000, seed: 5 })
      .map(([name, id]) => name + id);
    const ids = fc.sample(fc.nat(99_999), { numRuns: 3_000, seed: 6 }).map(String);
    const bytes = structOf([...new Set([...names, ...ids])].map((name) => [name, 1]));
    expect(opaque(bytes, true)).toEqual(decoded(bytes, true));
  });

  it("is never stored in another way than one that is decoded, wherever its bytes are wrong", () => {
    const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(json, change, fc.boolean(), (value, [place, byte], cuts) => {
        const bytes = Uint8Array.from(payloadCodec.encodeJson(value));
        const at = place % bytes.length;
        bytes[at] = byte;
        const changed = cuts ? bytes.subarray(0, at) : bytes;
        const [short, long] = [opaque(changed, true), decoded(changed, true)];
        // Lengths that do not fit together are refused, of which the decoder takes some.
        if (typeof short !== "string") expect(short).toEqual(long);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is refused as malformed, and not as a bug, whose field is of another wire type", () => {
    for (const tag of [0x08, 0x09, 0x0d, 0x11]) {
      const bytes = Uint8Array.of(tag, ...Array.from({ length: tag === 0x0d ? 4 : 8 }, () => 0xff), 0x01);
      const read = () => fromPayload("p", decodeOpaque(bytes.subarray(0, tag === 0x08 ? 10 : -1)), rulesOf(true));
      expect(read).toThrow(MalformedMessage);
    }
  });

  it("merges what came in two parts", () => {
    const one = payloadCodec.encodeJson({ a: 1 });
    const both = Buffer.concat([one, payloadCodec.encodeJson([2])]);
    expect(opaque(both, true)).toEqual(decoded(both, true));
  });

  it("has all of a request beside it", () => {
    const result = payloadCodec.encodeJson([1]);
    const request = create(CompleteTaskRequestSchema, { taskId: "t", result: fromBinary(PayloadSchema, result) });
    const sent = toBinary(CompleteTaskRequestSchema, request);
    const read = codecOf(CompleteTaskRequestSchema).decodeOpaque(sent);
    expect(read.taskId).toBe("t");
    expect(read.result?.kind.case).toBeUndefined();
    expect(fromPayload("result", read.result, rulesOf(false))).toEqual(result);
    expect(codecOf(CompleteTaskRequestSchema).encode(read).equals(sent)).toBe(true);
    expect(codecOf(CompleteTaskRequestSchema).decode(sent).result?.kind.case).toBe("json");
  });
});

describe("a payload that goes out", () => {
  it("is the same message, and JSON is not decoded for it", () => {
    fc.assert(
      fc.property(json, (value) => {
        const bytes = payloadCodec.encodeJson(value);
        const out = toPayload(bytes);
        expect(out?.kind.case).toBeUndefined();
        expect(
          codecOf(PayloadSchema)
            .encode(out ?? create(PayloadSchema))
            .equals(bytes),
        ).toBe(true);
      }),
    );
  });

  it.each([
    ["cut off", (bytes: Uint8Array) => bytes.subarray(0, -1)],
    ["followed by something", (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.of(0xff)])],
    ["overwritten", (bytes: Uint8Array) => bytes.map(() => 0xff)],
  ])("is none where it is %s", (_, damaged) => {
    expect(() => toPayload(damaged(payloadCodec.encodeJson({ a: [1] })))).toThrow();
  });
});

it("knows the form of JSON by its bytes", () => {
  const formOf = (value: JsonValue, levels = 30) => jsonFormOf(payloadCodec.encodeJson(value).subarray(2), 0, levels);
  expect(formOf({ a: 1, b: [true, null, "x"] })).toBe("sorted");
  expect(formOf({ b: 1, a: 1 })).toBe("plain");
  expect(formOf([[1]], 1)).toBe("unknown");
});
