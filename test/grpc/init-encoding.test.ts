/** The generated functions write what `create` makes a message of as protobuf-es writes that message, and refuse the same. */

import { create, type DescField, type DescMessage, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { codecs } from "../../gen/codecs.js";
import { TaskSchema } from "../../gen/sitq/v1/task_pb.js";
import { codecOf } from "../../src/grpc/message-codec.ts";
import { createSeededRandom, type SeededRandom } from "../harness/seeded-random.ts";
import { messageOf, messageTypes } from "./random-messages.ts";

/** What `create` makes the message of, with nothing in it that it may do without, and now and then what is nothing. */
function initOf(random: SeededRandom, desc: DescMessage, message: Record<string, unknown>): object {
  const init: Record<string, unknown> = {};
  const part = (field: DescField, value: unknown) =>
    field.message !== undefined
      ? initOf(random, field.message, value as Record<string, unknown>)
      : value instanceof Uint8Array && random.chance(0.3)
        ? [...value]
        : value;
  for (const member of desc.members) {
    const name = member.localName;
    const value = message[name];
    if (member.kind === "oneof") {
      const chosen = value as { case?: string; value: unknown };
      const field = member.fields.find(({ localName }) => localName === chosen.case);
      if (field !== undefined) init[name] = { case: chosen.case, value: part(field, chosen.value) };
    } else if (member.fieldKind === "list") {
      const items = (value as unknown[]).map((each) => part(member, each));
      if (items.length > 0 || random.chance(0.5)) init[name] = items;
    } else if (member.fieldKind === "map") {
      const entries = Object.entries(value as object).map(([key, each]) => [key, part(member, each)]);
      if (entries.length > 0 || random.chance(0.5)) init[name] = Object.fromEntries(entries);
    } else if (value !== undefined) {
      init[name] = part(member, value);
    }
    if (!(name in init) && random.chance(0.3)) init[name] = random.pick([undefined, null]);
  }
  return random.chance(0.2) ? create(desc, init as never) : init;
}

const withCodec = messageTypes.filter(({ typeName }) => codecs.has(typeName));

describe.each(withCodec.map((desc) => [desc.typeName, desc] as const))("%s", (_, desc) => {
  it("is written from what `create` makes one of", () => {
    for (let seed = 0; seed < 60; seed++) {
      const random = createSeededRandom(seed);
      const init = initOf(random, desc, messageOf(random, desc) as Record<string, unknown>) as never;
      expect(
        codecOf(desc)
          .encode(init)
          .equals(toBinary(desc, create(desc, init))),
        `seed ${seed}`,
      ).toBe(true);
    }
  });
});

function attempt<T>(act: () => T): { readonly value: T } | "refused" {
  try {
    return { value: act() };
  } catch {
    return "refused";
  }
}

it.each([
  ["nothing", {}],
  ["an unknown field", { $unknown: [{ no: 900, wireType: 0, data: Uint8Array.of(1) }] }],
  ["an unknown field below", { payload: { $unknown: [{ no: 900, wireType: 0, data: Uint8Array.of(1) }] } }],
  ["a field that there is not", { colour: "red" }],
  ["an unknown case", { payload: { kind: { case: "other", value: 7 } } }],
  ["no case", { payload: { kind: { case: null } } }],
  ["bytes as a list", { payload: { kind: { case: "binary", value: [1, 2] } } }],
  ["no bytes", { payload: { kind: { case: "binary", value: 7 } } }],
  ["no number", { priority: Number.NaN }],
  ["a text for a number", { priority: "12" }],
  ["a text for a message", { payload: "text" }],
  ["a list for a message", { payload: [] }],
  ["an item that is none", { attempts: [7] }],
  ["nothing for an item", { attempts: [null] }],
  ["a text for seconds", { createTime: { seconds: "8" } }],
  ["a fraction of seconds", { createTime: { seconds: 1.5 } }],
  ["too many seconds", { createTime: { seconds: 2n ** 63n } }],
  ["an entry that is no text", { headers: { a: 7 } }],
])("writes or refuses %s as `create` and protobuf-es do", (_, init) => {
  const [ours, theirs] = [
    () => codecOf(TaskSchema).encode(init as never),
    () => toBinary(TaskSchema, create(TaskSchema, init as never)),
  ].map((act) => attempt(() => Buffer.from(act()).toString("hex")));
  expect(ours).toEqual(theirs);
});

it("refuses another message in the place of one, of which `create` would take the fields that are alike", () => {
  const init = { payload: create(TaskSchema) } as never;
  expect(() => codecOf(TaskSchema).encode(init)).toThrow("a sitq.v1.Task stands in the place of a sitq.v1.Payload");
});
