import { create, fromJson, toJson } from "@bufbuild/protobuf";
import { anyPack, anyUnpack, timestampFromMs, ValueSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { EventSchema } from "../../../gen/sitq/v1/event_pb.js";
import { RetryPolicySchema, TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { limits } from "../../../src/contract/limits.ts";
import { type EventInit, publish, report, subscribe } from "../../harness/calls/events.ts";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { bytes, json, ms, present } from "../../harness/calls/tasks.ts";
import { refusalInStatus, refusalOf } from "../../harness/refusal.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";

const shared = shareServer({ config: { maxPayloadBytes: 2_048 } });

const whole = (id: string): EventInit => ({
  id,
  type: `made.${id}`,
  sourceService: "shop",
  subject: "order 7",
  correlationId: "c-1",
  causationId: "cause",
  time: { seconds: 1_782_900_000n, nanos: 123_456_789 },
  data: json({ order: 7, items: ["lamp"] }),
  attributes: {
    datacontenttype: fromJson(ValueSchema, "application/json"),
    urgent: fromJson(ValueSchema, true),
    level: fromJson(ValueSchema, -3),
  },
});

describe("Publish", () => {
  it("stores an event with a delivery for each subscription that matches, and reports them", async () => {
    const server = shared();
    const id = freshQueue();
    await subscribe(server, { name: `${id}-a`, filter: { types: [`made.${id}`] } });
    await subscribe(server, { name: `${id}-b`, filter: { types: ["made.*"], subject: "order 7" }, queue: `${id}-q` });
    await subscribe(server, { name: `${id}-c`, filter: { types: ["unmade.*"] } });
    const answer = await publish(server, whole(id));
    expect(answer).toMatchObject({
      created: true,
      deliveredTo: 2,
      event: { id, position: expect.stringMatching(/.+/) },
    });
    expect(answer.event?.data).toBeUndefined();

    const found = await report(server, id, "shop");
    const { event, deliveredTo, deliveries } = found;
    expect(toJson(EventSchema, present(event))).toMatchObject({
      id,
      type: `made.${id}`,
      sourceService: "shop",
      subject: "order 7",
      correlationId: "c-1",
      causationId: "cause",
      time: "2026-07-01T10:00:00.123456789Z",
      data: { json: { order: 7, items: ["lamp"] } },
      attributes: { datacontenttype: "application/json", urgent: true, level: -3 },
    });
    expect(deliveredTo).toBe(2);
    expect(deliveries.map(({ subscription, state, attempt }) => [subscription, state, attempt])).toEqual([
      [`${id}-a`, TaskState.PENDING, 0],
      [`${id}-b`, TaskState.PENDING, 0],
    ]);
    await server.event.deleteSubscription({ name: `${id}-b` });
  });

  it("hands a delivery to a worker of the subscription's queue, and shows what became of it", async () => {
    const server = shared();
    const id = freshQueue();
    await subscribe(server, { name: id, filter: { types: [`made.${id}`] }, maxAttempts: 3 });
    const worker = await connectWorker(server, { workerId: id, queues: [id] });
    const published = await publish(server, whole(id));
    const [task] = await worker.take(1);
    const origin = { eventId: id, eventSourceService: "shop", subscription: id, workflowId: "" };
    expect(task).toMatchObject({
      queue: id,
      type: `made.${id}`,
      correlationId: "c-1",
      sourceService: "shop",
      maxAttempts: 3,
      origin,
      event: { id, subject: "order 7", causationId: "cause", position: published.event?.position },
    });
    expect(task?.event?.data).toBeUndefined();
    expect(task?.payload?.kind.case).toBe("json");
    expect(await worker.end([present(task)], { case: "completed", value: { result: json("thanks") } })).toEqual([
      "SETTLED",
    ]);
    const [delivery] = (await report(server, id)).deliveries;
    expect(delivery).toMatchObject({ taskId: task?.id, state: TaskState.COMPLETED, attempt: 1, workerId: id });
    expect(delivery?.result?.kind).toMatchObject({ case: "json", value: { kind: { value: "thanks" } } });
    const read = await server.queue.getTask({ taskId: present(task).id });
    expect(read.task).toMatchObject({ origin, event: { id, attributes: { level: { kind: { value: -3 } } } } });
  });

  it("keeps a subscriber's failure from the others", async () => {
    const server = shared();
    const id = freshQueue();
    for (const name of [`${id}-good`, `${id}-bad`])
      await subscribe(server, { name, filter: { types: [`made.${id}`] } });
    const [good, bad] = [
      await connectWorker(server, { workerId: `${id}-good`, queues: [`${id}-good`] }),
      await connectWorker(server, { workerId: `${id}-bad`, queues: [`${id}-bad`] }),
    ];
    await publish(server, whole(id));
    const error = { type: "PrinterError", message: "the printer is on fire" };
    await bad.end(await bad.take(1), { case: "failed", value: { terminal: true, error } });
    await good.complete(...(await good.take(1)));
    const { deliveries } = await report(server, id);
    expect(deliveries.map(({ subscription, state }) => [subscription, state])).toEqual([
      [`${id}-good`, TaskState.COMPLETED],
      [`${id}-bad`, TaskState.FAILED],
    ]);
    expect(deliveries[1]?.lastError).toMatchObject(error);
  });

  it("makes no second event of the same id of the same source", async () => {
    const server = shared();
    const id = freshQueue();
    await subscribe(server, { name: id, filter: { types: [`made.${id}`] } });
    const first = await publish(server, whole(id));
    const again = await publish(server, whole(id));
    expect(again).toMatchObject({ created: false, deliveredTo: 1, event: { position: first.event?.position } });
    expect(await publish(server, { ...whole(id), sourceService: "another" })).toMatchObject({ created: true });
    expect((await report(server, id, "shop")).deliveries).toHaveLength(1);
    // Without a source it is the newest of that id.
    expect((await report(server, id)).event?.sourceService).toBe("another");
  });

  it("takes the order of an object's members for no difference", async () => {
    const server = shared();
    const id = freshQueue();
    await publish(server, { id, data: json({ a: 1, b: { c: 2, d: 3 } }) });
    expect(await publish(server, { id, data: json({ b: { d: 3, c: 2 }, a: 1 }) })).toMatchObject({ created: false });
  });

  it.each<[string, EventInit]>([
    ["type", { type: "made.other" }],
    ["subject", { subject: "" }],
    ["time", { time: { seconds: 1_782_900_000n, nanos: 123_456_788 } }],
    ["data", { data: json({}) }],
    ["no data", { data: { kind: { case: undefined } } }],
    ["correlation id", { correlationId: "c-2" }],
    ["causation id", { causationId: "" }],
    ["attributes", { attributes: { level: fromJson(ValueSchema, "-3") } }],
  ])("refuses the same id with another %s, and changes nothing", async (_, change) => {
    const server = shared();
    const id = freshQueue();
    await subscribe(server, { name: id, filter: { types: ["made.*"] } });
    const { event } = await publish(server, whole(id));
    const before = await report(server, id);
    const refusal = await refusalOf(publish(server, { ...whole(id), ...change }));
    expect(refusal).toMatchObject({
      code: "ALREADY_EXISTS",
      reason: "EVENT_ID_REUSED",
      field: "event.id",
      metadata: { event_id: id, source_service: "shop", position: event?.position },
    });
    expect(await report(server, id)).toEqual(before);
    expect(before.deliveries).toHaveLength(1);
    await server.event.deleteSubscription({ name: id });
  });

  it("says that nobody was told", async () => {
    const server = shared();
    const type = freshQueue();
    const answer = await publish(server, { type });
    expect(answer).toMatchObject({ created: true, deliveredTo: 0 });
    expect(await report(server, present(answer.event).id)).toMatchObject({ deliveredTo: 0, deliveries: [] });
  });

  it("makes an id and a time where none is said", async () => {
    const server = shared();
    const [a, b] = [await publish(server), await publish(server)];
    expect(present(a.event).id).not.toBe(present(b.event).id);
    expect(ms(a.event?.time)).toBe(ms(a.event?.publishTime));
  });

  it("carries bytes and typed messages as they are", async () => {
    const server = shared();
    const id = freshQueue();
    await publish(server, { id, data: bytes(5) });
    expect((await report(server, id)).event?.data?.kind).toMatchObject({ case: "binary" });
    const message = anyPack(RetryPolicySchema, create(RetryPolicySchema, { multiplier: 3 }));
    await publish(server, { id: `${id}-b`, data: { kind: { case: "message", value: message } } });
    const kind = (await report(server, `${id}-b`)).event?.data?.kind;
    expect(kind?.case === "message" && anyUnpack(kind.value, RetryPolicySchema)?.multiplier).toBe(3);
  });

  const text = (value: string) => fromJson(ValueSchema, value);
  it.each<[field: string, change: EventInit]>([
    ["event.id", { id: "x".repeat(129) }],
    ["event.id", { id: "ä" }],
    ["event.type", { type: "" }],
    ["event.type", { type: "a b" }],
    ["event.type", { type: "x".repeat(201) }],
    ["event.source_service", { sourceService: "" }],
    ["event.source_service", { sourceService: "ä".repeat(51) }],
    ["event.subject", { subject: "ä".repeat(129) }],
    ["event.time", { time: { seconds: 253_402_300_800n, nanos: 0 } }],
    ["event.time", { time: { seconds: 0n, nanos: -1 } }],
    ["event.data", { data: bytes(2_049) }],
    ["event.correlation_id", { correlationId: "x".repeat(257) }],
    ["event.causation_id", { causationId: "x".repeat(257) }],
    ["event.attributes", { attributes: { Upper: text("x") } }],
    ["event.attributes", { attributes: { "": text("x") } }],
    ["event.attributes", { attributes: { [`a${"b".repeat(20)}`]: text("x") } }],
    ["event.attributes", { attributes: Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`a${n}`, text("")])) }],
    ["event.attributes", { attributes: { a: text("x".repeat(16_384)) } }],
    ["event.attributes.subject", { attributes: { subject: text("x") } }],
    ["event.attributes.correlationid", { attributes: { correlationid: text("x") } }],
    ["event.attributes.level", { attributes: { level: fromJson(ValueSchema, 1.5) } }],
    ["event.attributes.level", { attributes: { level: fromJson(ValueSchema, 2 ** 31) } }],
    ["event.attributes.list", { attributes: { list: fromJson(ValueSchema, []) } }],
    ["event.attributes.none", { attributes: { none: fromJson(ValueSchema, null) } }],
    ["event.attributes.dataschema", { attributes: { dataschema: fromJson(ValueSchema, 1) } }],
  ])("refuses an event whose %s is not valid, and stores nothing", async (field, change) => {
    const correlationId = freshQueue();
    const refusal = await refusalOf(publish(shared(), { correlationId, ...change }));
    const reason = field === "event.data" ? "PAYLOAD_TOO_LARGE" : "INVALID_FIELD";
    expect(refusal).toMatchObject({ code: "INVALID_ARGUMENT", reason, field });
    const { events } = await shared().event.listEvents({ filter: { correlationId } });
    expect(events).toEqual([]);
  });

  it("refuses data that are nested too deeply", async () => {
    const deep = JSON.parse(`${"[".repeat(limits.jsonDepth + 1)}${"]".repeat(limits.jsonDepth + 1)}`);
    const refusal = await refusalOf(publish(shared(), { data: json(deep) }));
    expect(refusal).toMatchObject({ code: "INVALID_ARGUMENT", reason: "INVALID_FIELD", field: "event.data.json" });
  });

  it("takes everything up to its bounds", async () => {
    const id = "~".repeat(128);
    const answer = await publish(shared(), {
      id,
      type: "x".repeat(200),
      sourceService: "ä".repeat(50),
      subject: "ä".repeat(128),
      correlationId: "x".repeat(256),
      causationId: "x".repeat(256),
      time: timestampFromMs(-1),
      attributes: { [`a${"b".repeat(19)}`]: text("x".repeat(16_364)) },
    });
    expect(answer).toMatchObject({ created: true, event: { id } });
  });

  it("needs an event", async () => {
    expect(await refusalOf(shared().event.publish({}))).toMatchObject({ reason: "INVALID_FIELD", field: "event" });
  });
});

describe("PublishBatch", () => {
  it("answers for each item in order, and a refused one does not refuse the others", async () => {
    const server = shared();
    const id = freshQueue();
    const event = (changes: EventInit) => ({ event: { type: "order.created", sourceService: "shop", ...changes } });
    const { results } = await server.event.publishBatch({
      requests: [
        event({ id }),
        event({ id: `${id}-b`, type: "" }),
        event({ id }),
        event({ id, subject: "other" }),
        {},
        event({ id: `${id}-c` }),
      ],
    });
    expect(results.map(({ created, event: stored }) => [created, stored?.id])).toEqual([
      [true, id],
      [false, undefined],
      [false, id],
      [false, undefined],
      [false, undefined],
      [true, `${id}-c`],
    ]);
    const refusals = [1, 3, 4].map((index) => refusalInStatus(results[index]?.error));
    expect(refusals.map(({ reason, field }) => [reason, field])).toEqual([
      ["INVALID_FIELD", "requests[1].event.type"],
      ["EVENT_ID_REUSED", "requests[3].event.id"],
      ["INVALID_FIELD", "requests[4].event"],
    ]);
  });

  it("takes 1 to 1000 events", async () => {
    const { event } = shared();
    const requests = Array.from({ length: 1_001 }, () => ({}));
    expect(await refusalOf(event.publishBatch({ requests }))).toMatchObject({ field: "requests" });
    expect(await refusalOf(event.publishBatch({}))).toMatchObject({ field: "requests" });
  });
});

describe("GetEvent", () => {
  it("looks for the event of the source that is named", async () => {
    const server = shared();
    const id = freshQueue();
    await publish(server, { id, sourceService: "first" });
    await publish(server, { id, sourceService: "second" });
    expect((await report(server, id, "first")).event?.sourceService).toBe("first");
    const refusal = await refusalOf(report(server, id, "third"));
    expect(refusal).toMatchObject({ reason: "EVENT_NOT_FOUND", metadata: { event_id: id, source_service: "third" } });
    expect(await refusalOf(report(server, ""))).toMatchObject({ reason: "INVALID_FIELD", field: "event_id" });
  });
});
