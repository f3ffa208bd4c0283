import { create, equals, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { type Event, EventSchema } from "../../../gen/sitq/v1/event_pb.js";
import { type CloudEvent, fromCloudEvent, toCloudEvent, toPayload } from "../../../src/client/index.ts";

const word = fc.string({ unit: fc.constantFrom(..."abcxyz019"), minLength: 1, maxLength: 20 });
const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 });
const ownNames = ["id", "source", "specversion", "type", "subject", "time", "data"];
const taken = new Set([...ownNames, "correlationid", "causationid", "protobuftype"]);
const attributeName = word.filter((name) => !taken.has(name));
const attributeValue = fc.oneof(text, fc.constant(""), fc.boolean(), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));
const attributes = fc.dictionary(attributeName, attributeValue, { noNullPrototype: true });
const json = fc.jsonValue({ stringUnit: "grapheme", maxDepth: 5 });
const bytes = fc.uint8Array({ maxLength: 40 });

const time = fc
  .tuple(fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }), fc.integer({ min: 0, max: 999_999_999 }))
  .map(([seconds, nanos]) => ({ seconds: BigInt(seconds), nanos }));

const payload = fc.oneof(
  json.map(toPayload),
  bytes.map(toPayload),
  fc.record({ typeUrl: text, value: bytes }).map((value) => ({ kind: { case: "message" as const, value } })),
);

const event = fc
  .record(
    {
      id: text,
      type: word,
      sourceService: text,
      subject: text,
      time,
      data: payload,
      correlationId: text,
      causationId: text,
      attributes,
    },
    { requiredKeys: ["id", "type", "sourceService"] },
  )
  .map(({ attributes: given = {}, ...rest }): Event => {
    const values = Object.entries(given).map(([name, value]) => {
      const kind =
        typeof value === "string"
          ? { case: "stringValue" as const, value }
          : typeof value === "number"
            ? { case: "numberValue" as const, value }
            : { case: "boolValue" as const, value };
      return [name, { kind }] as const;
    });
    const message = create(EventSchema, { ...rest, attributes: Object.fromEntries(values) });
    // Over the wire, so that it is what a receiver has.
    return fromBinary(EventSchema, toBinary(EventSchema, message));
  });

const isoTime = time.map(({ seconds, nanos }) => {
  const whole = new Date(Number(seconds) * 1_000).toISOString().slice(0, 19);
  const digits =
    nanos === 0
      ? ""
      : `.${String(nanos)
          .padStart(9, "0")
          .replace(/(?:000)+$/, "")}`;
  return `${whole}${digits}Z`;
});

const cloudEvent = fc
  .tuple(
    fc.record(
      {
        specversion: fc.constant("1.0" as const),
        id: text,
        source: text,
        type: text,
        subject: text,
        time: isoTime,
        correlationid: text,
        causationid: text,
        datacontenttype: text,
        dataschema: text,
      },
      { requiredKeys: ["specversion", "id", "source", "type"] },
    ),
    attributes,
    fc.oneof(
      fc.constant({}),
      json.map((data) => ({ data: JSON.parse(JSON.stringify(data)) })),
      bytes.map((data) => ({ data_base64: Buffer.from(data).toString("base64") })),
      fc
        .tuple(bytes, text)
        .map(([data, protobuftype]) => ({ data_base64: Buffer.from(data).toString("base64"), protobuftype })),
    ),
  )
  .map(([members, extensions, data]): CloudEvent => ({ ...extensions, ...members, ...data }));

describe("the mapping to CloudEvents", () => {
  test("loses nothing of an event: there and back it is the same", () => {
    fc.assert(
      fc.property(event, (given) => {
        const written: CloudEvent = JSON.parse(JSON.stringify(toCloudEvent(given)));
        const back = fromCloudEvent(written);
        expect(equals(EventSchema, back, given)).toBe(true);
      }),
    );
  });

  test("loses nothing of a CloudEvent: back and there it is the same", () => {
    fc.assert(
      fc.property(cloudEvent, (given) => {
        const sent = fromBinary(EventSchema, toBinary(EventSchema, fromCloudEvent(given)));
        expect(toCloudEvent(sent)).toEqual(JSON.parse(JSON.stringify(given)));
      }),
    );
  });

  it("is what the specification says of a JSON event", () => {
    const given: CloudEvent = {
      specversion: "1.0",
      type: "com.example.someevent",
      source: "/mycontext",
      id: "C234-1234-1234",
      time: "2018-04-05T17:31:00Z",
      comexampleextension1: "value",
      comexampleothervalue: 5,
      datacontenttype: "application/json",
      data: { appinfoA: "abc", appinfoB: 123, appinfoC: true },
    };
    const made = fromCloudEvent(given);
    expect(made).toMatchObject({ id: "C234-1234-1234", sourceService: "/mycontext", type: "com.example.someevent" });
    expect(made.data?.kind.case).toBe("json");
    expect(Object.keys(made.attributes).toSorted()).toEqual([
      "comexampleextension1",
      "comexampleothervalue",
      "datacontenttype",
    ]);
    expect(toCloudEvent(made)).toEqual(given);
  });

  it("keeps the moment of a time in another zone, to the nanosecond", () => {
    const given: CloudEvent = {
      specversion: "1.0",
      id: "1",
      source: "s",
      type: "t",
      time: "2026-07-01T12:30:00.123456789+02:00",
    };
    expect(toCloudEvent(fromCloudEvent(given)).time).toBe("2026-07-01T10:30:00.123456789Z");
  });

  it("takes null for what is not there, but for data", () => {
    const given = { specversion: "1.0", id: "1", source: "s", type: "t", subject: null, ext: null, data: null };
    const made = fromCloudEvent(given as unknown as CloudEvent);
    expect(toCloudEvent(made)).toEqual({ specversion: "1.0", id: "1", source: "s", type: "t", data: null });
  });

  it.each([
    ["specversion", { specversion: "0.3" }],
    ["id", { id: undefined }],
    ["id", { id: "" }],
    ["source", { source: 5 }],
    ["type", { type: null }],
    ["subject", { subject: "" }],
    ["time", { time: "yesterday" }],
    ["time", { time: "2026-13-01T00:00:00Z" }],
    ["time", { time: "2026-02-30T00:00:00Z" }],
    ["time", { time: "2026-02-29T23:59:59+02:00" }],
    ["time", { time: "2026-01-01T24:00:00Z" }],
    ["time", { time: "2026-01-01T24:00:00+02:00" }],
    ["nanosecond", { time: "2026-07-01T00:00:00.0000000001Z" }],
    ["data_base64", { data_base64: "§" }],
    ["both", { data: 1, data_base64: "AA==" }],
    ["both", { data: Uint8Array.of(1), data_base64: "AA==" }],
    ["both", { data: Uint32Array.of(1, 258), data_base64: "AQI=" }],
    ["protobuftype", { protobuftype: "x", data: 1 }],
    ["Upper", { Upper: "x" }],
    ["with_underscore", { with_underscore: "x" }],
    ["averyveryverylongname", { averyveryverylongname: "x" }],
    ["ext", { ext: { nested: true } }],
    ["32 bits", { ext: 2 ** 31 }],
    ["32 bits", { ext: 1.5 }],
    ["correlationid", { correlationid: 7 }],
  ])("refuses what is none, or cannot be carried, by its name: %s", (name, members) => {
    const given = { specversion: "1.0", id: "1", source: "s", type: "t", ...members };
    expect(() => fromCloudEvent(given as unknown as CloudEvent)).toThrow(
      expect.objectContaining({ name: "TypeError", message: expect.stringContaining(name) }),
    );
  });
});

/** As the class of the official SDK is declared, `cloudevents` 10.0.0, and with the members that it sets. */
class OfficialCloudEvent<T = undefined> {
  id: string;
  type: string;
  source: string;
  specversion: string;
  datacontenttype?: string;
  dataschema?: string;
  subject?: string;
  time?: string;
  data?: T;
  data_base64?: string;
  [key: string]: unknown;
  schemaurl?: string;
  datacontentencoding?: string;

  constructor(event: { readonly [member: string]: unknown }) {
    this.id = "1";
    this.type = "order.created";
    this.source = "shop";
    this.specversion = "1.0";
    const unset = { datacontenttype: undefined, subject: undefined, dataschema: undefined, schemaurl: undefined };
    Object.assign(this, unset, { datacontentencoding: undefined }, event);
  }
}

describe("an event of the official JavaScript SDK", () => {
  it.each([
    ["made with bytes", Uint8Array.of(1, 2, 255)],
    ["made with a Buffer", Buffer.from([1, 2, 255])],
    // It has an element for each byte.
    ["read from a message", Uint32Array.of(1, 2, 255)],
  ])("is taken with data and data_base64: %s", (_, data) => {
    const made = fromCloudEvent(new OfficialCloudEvent({ data, data_base64: "AQL/" }));
    expect(made.data?.kind).toEqual({ case: "binary", value: Uint8Array.of(1, 2, 255) });
    expect(Object.keys(made.attributes)).toEqual([]);
  });

  it("is taken with JSON, with its extensions", () => {
    const made = fromCloudEvent(new OfficialCloudEvent<object>({ data: { a: 1 }, tenant: "acme", n: 5 }));
    const { id, type, source, data, tenant, n } = toCloudEvent(made);
    expect({ id, type, source, data, tenant, n }).toEqual({
      id: "1",
      type: "order.created",
      source: "shop",
      data: { a: 1 },
      tenant: "acme",
      n: 5,
    });
  });
});
