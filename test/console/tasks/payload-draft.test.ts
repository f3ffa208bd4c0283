import { create, fromJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { newRequestId } from "../../../console/src/views/task/new-request-id.ts";
import { draftOf, readDraft } from "../../../console/src/views/task/payload-draft.ts";
import { type Payload, PayloadSchema } from "../../../gen/sitq/v1/payload_pb.js";

const json = create(PayloadSchema, {
  kind: { case: "json", value: fromJson(ValueSchema, { order: 7, id: 2 ** 60, names: ["a", null] }) },
});
const text = create(PayloadSchema, { kind: { case: "binary", value: new TextEncoder().encode("grüß\n") } });
const bytes = create(PayloadSchema, { kind: { case: "binary", value: Uint8Array.of(0, 255, 128) } });
const message = create(PayloadSchema, {
  kind: { case: "message", value: { typeUrl: "type.googleapis.com/a.B", value: Uint8Array.of(8, 1) } },
});
const empty = create(PayloadSchema);

test.each([
  ["JSON", json],
  ["text", text],
  ["base64", bytes],
  ["base64", message],
  ["empty", empty],
])("an old payload is written as %s, and read as it was", (form, payload: Payload) => {
  const draft = draftOf(payload);
  expect(draft.form).toBe(form);
  expect(readDraft(draft, payload)).toEqual({ payload, problem: null });
});

test("the payload as it is need not be sent", () => {
  expect(readDraft({ form: "same", text: "{" }, json)).toEqual({ payload: undefined, problem: null });
});

test.each([
  ["JSON", "{", /JSON/],
  ["JSON", "", /JSON/],
  ["JSON", '{"id": 9007199254740993, "n": 1}', /would become others: 9007199254740993\. Write them in quotes/],
  ["JSON", "1e400", /./],
  ["base64", "%%%", /not base64/],
] as const)("what is wrong with the %s %j is said", (form, written, problem) => {
  const read = readDraft({ form, text: written }, undefined);
  expect(read.problem).toMatch(problem);
  expect(read.payload).toBeUndefined();
});

test("bytes that are written as base64 are those of the old message's type", () => {
  const read = readDraft({ form: "base64", text: " CA\nI= " }, message);
  expect(read.payload?.kind).toMatchObject({
    case: "message",
    value: { typeUrl: "type.googleapis.com/a.B", value: Uint8Array.of(8, 2) },
  });
});

test("request ids are UUIDs of version 4", () => {
  expect(newRequestId()).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  expect(newRequestId()).not.toBe(newRequestId());
});
