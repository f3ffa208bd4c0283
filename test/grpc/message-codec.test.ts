/**
 * The generated functions beside protobuf-es's own, over every message of the contract: the same bytes, the same messages, and the
 * same ones refused.
 */

import { isDeepStrictEqual } from "node:util";
import { create, type DescMessage, fromBinary, isMessage, toBinary, toJson } from "@bufbuild/protobuf";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { codecs } from "../../gen/codecs.js";
import { PayloadSchema } from "../../gen/sitq/v1/payload_pb.js";
import { EnqueueRequestSchema } from "../../gen/sitq/v1/queue_service_pb.js";
import { TaskSchema } from "../../gen/sitq/v1/task_pb.js";
import { codecOf, encodedIn } from "../../src/grpc/message-codec.ts";
import { createSeededRandom, type SeededRandom } from "../harness/seeded-random.ts";
import { messageOf, messageTypes, randomBytes } from "./random-messages.ts";

/** Fields on the wire: right ones, twice and in any order, ones of another wire type, unknown ones, groups, what ends too early. */
function wireOf(random: SeededRandom, desc: DescMessage, depth = 0): Uint8Array {
  const writer = new BinaryWriter();
  for (let left = random.integer(0, 5); left > 0; left--) {
    const field = desc.fields[random.integer(0, desc.fields.length - 1)];
    const kind = random.integer(0, 29);
    if (kind === 0) writer.raw(randomBytes(random, 12));
    else if (kind === 1)
      writer.tag(random.pick([0, 1, 2, 3, 99, 536_870_911]), random.integer(0, 7)).raw(randomBytes(random, 8));
    else if (kind === 2 || field === undefined)
      writer
        .tag(777, 3)
        .tag(3, 0)
        .uint32(random.integer(0, 999))
        .tag(777, random.pick([4, 4, 3, 2]));
    else if (kind === 3) writer.tag(field.number, random.integer(0, 5)).raw(randomBytes(random, 12));
    else if (kind === 4) writer.tag(field.number, 2).uint32(random.integer(0, 300)).raw(randomBytes(random, 30));
    else if (kind === 5)
      writer.tag(field.number, 2).bytes(Uint8Array.from([0xc3, random.integer(0, 255), 0x61, 0xef, 0xbf, 0xbd]));
    else if (kind === 6)
      writer
        .tag(field.number, 0)
        .raw(Uint8Array.from({ length: random.integer(1, 12) }, () => random.integer(127, 129)));
    else if (kind < 20 && field.message !== undefined && field.fieldKind !== "map" && depth < 6)
      writer.tag(field.number, 2).bytes(wireOf(random, field.message, depth + 1));
    else writer.raw(toBinary(desc, messageOf(random, desc, 2) as never));
  }
  const bytes = writer.finish();
  return random.chance(0.15) ? bytes.subarray(0, random.integer(0, bytes.length)) : bytes;
}

/** Without what is `undefined`, which stands in a message that was decoded here, and is absent in one of protobuf-es's. */
function stripped(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (Array.isArray(value)) return value.map(stripped);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .flatMap(([key, each]) => (each === undefined && key !== "case" ? [] : [[key, stripped(each)]]))
    .sort();
}

function attempt<T>(act: () => T): { readonly value: T } | "refused" {
  try {
    return { value: act() };
  } catch {
    return "refused";
  }
}

function expectSame(ours: unknown, theirs: unknown, seed = 0): void {
  if (!isDeepStrictEqual(stripped(ours), stripped(theirs))) {
    expect(stripped(ours), `seed ${seed}`).toEqual(stripped(theirs));
  }
}

/** The packages of descriptors and well-known types that no message of the contract holds, and of resources of xDS, which are packed. */
const ofOthers = /^google\.protobuf$|^envoy\.(config\.(?!core)|extensions)/;

describe.each(messageTypes.map((desc) => [desc.typeName, desc] as const))("%s", (_, desc) => {
  const codec = codecs.has(desc.typeName) ? codecOf(desc) : null;
  if (codec === null) {
    it("is not of the contract", () => expect(desc.file.proto.package).toMatch(ofOthers));
    return;
  }

  it("is written and read as protobuf-es does", () => {
    for (let seed = 0; seed < 60; seed++) {
      const message = messageOf(createSeededRandom(seed), desc) as never;
      const bytes = toBinary(desc, message);
      expect(codec.encode(message).equals(bytes), `seed ${seed}`).toBe(true);
      const decoded = codec.decode(bytes);
      expectSame(decoded, fromBinary(desc, bytes), seed);
      expect(codec.encode(decoded).equals(toBinary(desc, decoded)), `seed ${seed}`).toBe(true);
    }
  });

  it("takes and refuses what protobuf-es takes and refuses", () => {
    for (let seed = 0; seed < 200; seed++) {
      const bytes = wireOf(createSeededRandom(seed), desc);
      const [ours, theirs] = [attempt(() => codec.decode(bytes)), attempt(() => fromBinary(desc, bytes))];
      expectSame(ours, theirs, seed);
    }
  });

  it("is written as it came where payloads are left as they are", () => {
    for (let seed = 0; seed < 40; seed++) {
      const bytes = toBinary(desc, messageOf(createSeededRandom(seed), desc) as never);
      expect(codec.encode(codec.decodeOpaque(bytes)).equals(bytes), `seed ${seed}`).toBe(true);
    }
  });

  it("has a blank message that is what `create` makes", () => {
    expectSame(codec.blank(), create(desc));
    expect(isMessage(codec.blank(), desc)).toBe(true);
    expectSame(
      attempt(() => toJson(desc, codec.blank())),
      attempt(() => toJson(desc, create(desc))),
    );
  });
});

it("has a codec for every message of the contract", () => {
  const wanted = messageTypes.filter(({ file }) => !ofOthers.test(file.proto.package)).map(({ typeName }) => typeName);
  expect(wanted.length).toBeGreaterThan(100);
  expect(wanted.filter((name) => !codecs.has(name))).toEqual([]);
});

it.each([
  ["a text for a number", { priority: "12" }],
  ["a fraction", { priority: 1.5 }],
  ["a number too large", { priority: 2 ** 31 }],
  ["no number", { priority: Number.NaN }],
  ["a negative number", { priority: -7 }],
  ["negative zero", { priority: -0 }],
  ["a number for a text", { queue: 7 }],
  ["half a surrogate pair", { queue: "a\ud800b" }],
  ["half a surrogate pair in a long text", { queue: `a\ud800b${"x".repeat(90)}` }],
  ["another message", { payload: create(TaskSchema) }],
  ["a number for seconds", { createTime: { $typeName: "google.protobuf.Timestamp", seconds: 7, nanos: 0 } }],
  ["a text for seconds", { createTime: { $typeName: "google.protobuf.Timestamp", seconds: "8", nanos: 0 } }],
  ["a fraction of seconds", { createTime: { $typeName: "google.protobuf.Timestamp", seconds: 1.5, nanos: 0 } }],
  ["too many seconds", { createTime: { $typeName: "google.protobuf.Timestamp", seconds: 2n ** 63n, nanos: 0 } }],
  ["no bytes", { payload: { $typeName: "sitq.v1.Payload", kind: { case: "binary", value: 7 } } }],
  ["an unknown case", { payload: { $typeName: "sitq.v1.Payload", kind: { case: "other", value: 7 } } }],
])("writes or refuses %s as protobuf-es does", (_, fields) => {
  const message = Object.assign(create(TaskSchema), fields);
  const texts = [() => codecOf(TaskSchema).encode(message), () => toBinary(TaskSchema, message)].map((act) => {
    try {
      return Buffer.from(act()).toString("hex");
    } catch (error) {
      return `${error}`;
    }
  });
  expect(texts[0]).toBe(texts[1]);
});

it("takes what a message lacks as not set", () => {
  const payload = { $typeName: "sitq.v1.Payload" };
  const lacking = { queue: undefined, type: null, priority: undefined, attempts: undefined, headers: null, payload };
  const message = Object.assign(create(TaskSchema), lacking) as never;
  expect(codecOf(TaskSchema).encode(message)).toEqual(codecOf(TaskSchema).encode({ payload: {} }));
});

describe("the bound of nesting", () => {
  const wrapped = (bytes: Uint8Array, ...fields: number[]) =>
    fields.reduce<Uint8Array>((inner, field) => new BinaryWriter().tag(field, 2).bytes(inner).finish(), bytes);
  const nested = (levels: number) => {
    let bytes: Uint8Array = new BinaryWriter().tag(4, 0).bool(true).finish();
    for (let level = 0; level < levels; level++) bytes = wrapped(bytes, 1, 6);
    return bytes;
  };

  it("is protobuf-es's", () => {
    for (let levels = 45; levels < 55; levels++) {
      const bytes = nested(levels);
      expectSame(
        attempt(() => codecOf(ValueSchema).decode(bytes)),
        attempt(() => fromBinary(ValueSchema, bytes)),
      );
    }
    expect(attempt(() => codecOf(ValueSchema).decode(nested(49)))).not.toBe("refused");
    expect(attempt(() => codecOf(ValueSchema).decode(nested(50)))).toBe("refused");
  });

  it("holds for groups of unknown fields", () => {
    for (let levels = 95; levels < 105; levels++) {
      const writer = new BinaryWriter();
      for (let level = 0; level < levels; level++) writer.tag(900, 3);
      for (let level = 0; level < levels; level++) writer.tag(900, 4);
      const bytes = writer.finish();
      expectSame(
        attempt(() => codecOf(TaskSchema).decode(bytes)),
        attempt(() => fromBinary(TaskSchema, bytes)),
      );
    }
  });

  it("does not outlast a refused message", () => {
    expect(attempt(() => codecOf(ValueSchema).decode(nested(60)))).toBe("refused");
    expect(attempt(() => codecOf(ValueSchema).decode(nested(49)))).not.toBe("refused");
  });
});

it("merges a message that comes in two parts", () => {
  const parts = [{ task: { queue: "a", headers: { x: "1" } } }, { task: { type: "b", headers: { y: "2" } } }];
  const bytes = Buffer.concat(parts.map((part) => toBinary(EnqueueRequestSchema, create(EnqueueRequestSchema, part))));
  const { task } = codecOf(EnqueueRequestSchema).decode(bytes);
  expect(task).toMatchObject({ queue: "a", type: "b", headers: { x: "1", y: "2" } });
});

it("joins what is left encoded and comes in many parts, also where two fields take turns", () => {
  const part = new BinaryWriter()
    .tag(4, 2)
    .bytes(Uint8Array.of(0x20, 7))
    .tag(19, 2)
    .bytes(Uint8Array.of(0x28, 9))
    .finish();
  const bytes = Buffer.alloc(part.length * 150_000, part);
  const { payload, result } = codecOf(TaskSchema).decodeOpaque(bytes);
  const encoded = [payload, result].map((each) => Buffer.from((each && encodedIn(each)) ?? []));
  expect(encoded[0]?.equals(Buffer.alloc(300_000, Uint8Array.of(0x20, 7)))).toBe(true);
  expect(encoded[1]?.equals(Buffer.alloc(300_000, Uint8Array.of(0x28, 9)))).toBe(true);
});

it("grows for a message of megabytes, and writes small ones as before", () => {
  const codec = codecOf(PayloadSchema);
  for (const length of [5_000_000, 3, 70_000, 0]) {
    const message = create(PayloadSchema, { kind: { case: "binary", value: new Uint8Array(length).fill(7) } });
    expect(codec.encode(message).equals(toBinary(PayloadSchema, message))).toBe(true);
  }
});
