/** Values that are easily made in one language and break another, and names that mean something to JavaScript. */

import { create } from "@bufbuild/protobuf";
import { anyPack, StructSchema, type Value, ValueSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { type Payload, PayloadSchema } from "../../gen/sitq/v1/payload_pb.js";
import { fromPayload, toPayload } from "../../src/client/index.ts";
import { connectWorker } from "../harness/calls/scripted-worker.ts";
import { enqueue, json, present, read } from "../harness/calls/tasks.ts";
import { readWorkflow, start } from "../harness/calls/workflows.ts";
import { freshQueue, shareServer } from "../harness/shared-server.ts";

const shared = shareServer();

/** A payload with values without a kind, as `payload.json.list_value.values.add()` makes them in Python. */
function kindless(): Payload {
  const payload = toPayload({ list: ["here"], object: { member: "here" }, plain: 1 });
  const clear = (value: Value) => {
    if (value.kind.case === "stringValue") value.kind = { case: undefined };
    if (value.kind.case === "listValue") value.kind.value.values.forEach(clear);
    if (value.kind.case === "structValue") Object.values(value.kind.value.fields).forEach(clear);
  };
  if (payload.kind.case === "json") clear(payload.kind.value);
  return payload;
}

const bare = (): Payload => create(PayloadSchema, { kind: { case: "json", value: create(ValueSchema) } });
const nulls = toPayload({ list: [null], object: { member: null }, plain: 1 });

describe("a value without a kind is stored as null", () => {
  it("in a task's payload and its result", async () => {
    const queue = freshQueue();
    const task = await enqueue(shared(), { queue, payload: kindless() });
    const other = await enqueue(shared(), { queue, payload: bare() });
    const worker = await connectWorker(shared(), { workerId: queue, queues: [queue], capacity: 5 });
    const [first, second] = await worker.take(2);
    expect(first?.payload).toEqual(nulls);
    expect(second?.payload).toEqual(toPayload(null));
    await worker.end([present(first)], { case: "completed", value: { result: kindless() } });
    await worker.end([present(second)], { case: "completed", value: { result: bare() } });
    expect(await read(shared(), task)).toMatchObject({ payload: nulls, result: nulls });
    expect((await read(shared(), other)).result).toEqual(toPayload(null));
    await shared().queue.enqueueBatch({
      requests: [{ task: { queue: `${queue}-2`, type: "t", payload: kindless() } }],
    });
    const { tasks } = await shared().worker.claimTasks({ workerId: "w", queues: [`${queue}-2`] });
    expect(tasks[0]?.payload).toEqual(nulls);
    await shared().worker.completeTask({ workerId: "w", taskId: present(tasks[0]).id, attempt: 1, result: kindless() });
    expect((await read(shared(), present(tasks[0]))).result).toEqual(nulls);
  });

  it("in an event's data", async () => {
    const event = { id: "kindless", type: "t", sourceService: "shop", data: kindless() };
    await shared().event.publish({ event });
    expect((await shared().event.getEvent({ eventId: "kindless" })).event?.data).toEqual(nulls);
    expect((await shared().event.publish({ event: { ...event, data: nulls } })).created).toBe(false);
  });

  it("in a workflow's input and parameters", async () => {
    const queue = freshQueue();
    const steps = [
      { stepId: "a", serviceName: queue, action: "a", parameters: kindless() },
      { stepId: "b", serviceName: queue, action: "b", parameters: json("${input.object}") },
    ];
    const started = await start(shared(), { steps, input: kindless() });
    const { tasks } = await shared().worker.claimTasks({ workerId: "w", queues: [queue], maxTasks: 2 });
    expect(tasks.map(({ payload }) => payload)).toEqual([nulls, toPayload({ member: null })]);
    expect((await readWorkflow(shared(), started)).input).toEqual(nulls);
  });

  it("but is refused where an attribute has to be a value", async () => {
    const event = { id: "x", type: "t", sourceService: "shop", attributes: { tenant: create(ValueSchema) } };
    await expect(shared().event.publish({ event })).rejects.toMatchObject({ field: "event.attributes.tenant" });
  });
});

describe("names that mean something to JavaScript", () => {
  const odd = ["__proto__", "constructor", "toString", "hasOwnProperty"];
  const map = Object.fromEntries(odd.map((name) => [name, `the ${name}`]));

  it("are kept as keys of headers and of payloads", async () => {
    const queue = freshQueue();
    const task = await enqueue(shared(), { queue, headers: map, payload: toPayload(map) });
    const stored = await read(shared(), task);
    const worker = await connectWorker(shared(), { workerId: queue, queues: [queue] });
    const [claimed] = await worker.take(1);
    for (const { headers, payload } of [stored, present(claimed)]) {
      expect(Object.entries(headers).toSorted()).toEqual(Object.entries(map).toSorted());
      expect(JSON.parse(JSON.stringify(fromPayload(payload)))).toEqual(JSON.parse(JSON.stringify(map)));
      expect(Object.keys(Object(fromPayload(payload))).toSorted()).toEqual(odd.toSorted());
    }
  });

  it("are kept as keys of metadata, and filter by nothing that is not there", async () => {
    const serviceName = freshQueue();
    const instance = { serviceName, instanceId: "i", address: "127.0.0.1:1", metadata: map };
    await shared().registry.registerInstance(instance);
    await shared().registry.registerInstance({ serviceName, instanceId: "j", address: "127.0.0.1:2" });
    for (const name of odd) {
      const metadata = Object.fromEntries([[name, `the ${name}`]]);
      const { instances } = await shared().registry.discoverInstances({ serviceName, metadata });
      expect(instances.map(({ instanceId }) => instanceId)).toEqual(["i"]);
      expect(Object.keys(present(instances[0]).metadata).toSorted()).toEqual(odd.toSorted());
    }
  });

  it.each(odd)("are no setting of a queue: %s", async (name) => {
    const queue = { name: freshQueue() };
    await expect(
      shared().queue.updateQueue({ queue, updateMask: { paths: [name] }, allowMissing: true }),
    ).rejects.toMatchObject({ reason: "INVALID_FIELD", field: "update_mask.paths[0]" });
  });

  it("are steps of a workflow like any other", async () => {
    const queue = freshQueue();
    const steps = [
      { stepId: "constructor", serviceName: queue, action: "a" },
      {
        stepId: "toString",
        serviceName: queue,
        action: "b",
        dependsOn: ["constructor"],
        parameters: json("${results.constructor}"),
      },
    ];
    await start(shared(), { steps });
    const worker = await connectWorker(shared(), { workerId: queue, queues: [queue] });
    await worker.end(await worker.take(1), { case: "completed", value: { result: json(7) } });
    const [second] = await worker.take(1);
    expect(fromPayload(second?.payload)).toBe(7);
    expect(Object.keys(second?.results ?? {})).toEqual(["constructor"]);
  });
});

describe("a repeat is known by its id, and by what survives another encoding", () => {
  /** A typed message whose map is written in this order. */
  const typed = (names: readonly string[], value = 1): Payload => {
    const fields = Object.fromEntries(names.map((name) => [name, { kind: { case: "numberValue" as const, value } }]));
    const any = anyPack(StructSchema, create(StructSchema, { fields }));
    return create(PayloadSchema, { kind: { case: "message", value: any } });
  };
  const [one, other] = [typed(["a", "b", "c"]), typed(["c", "a", "b"])];

  it("in Enqueue", async () => {
    const queue = freshQueue();
    const ask = (payload: Payload) => shared().queue.enqueue({ requestId: queue, task: { queue, type: "t", payload } });
    const { task } = await ask(one);
    expect(await ask(other)).toMatchObject({ created: false, task: { id: present(task).id } });
    await expect(ask(typed(["a", "b", "c"], 2))).rejects.toMatchObject({ reason: "REQUEST_ID_REUSED" });
  });

  it("in Publish", async () => {
    const ask = (data: Payload) =>
      shared().event.publish({ event: { id: "typed", type: "t", sourceService: "shop", data } });
    await ask(one);
    expect((await ask(other)).created).toBe(false);
    await expect(ask(typed(["a", "b", "c"], 2))).rejects.toMatchObject({ reason: "EVENT_ID_REUSED" });
  });

  it("in StartWorkflow", async () => {
    const queue = freshQueue();
    const ask = (payload: Payload) => {
      const steps = [{ stepId: "a", serviceName: queue, action: "a", parameters: payload }];
      return shared().workflow.startWorkflow({ name: "n", requestId: queue, input: payload, steps });
    };
    await ask(one);
    expect((await ask(other)).created).toBe(false);
    await expect(ask(typed(["a", "b", "c"], 2))).rejects.toMatchObject({ reason: "REQUEST_ID_REUSED" });
  });
});
