import { fromJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { expect, it } from "vitest";
import { publish, report, subscribe } from "../harness/calls/events.ts";
import { json } from "../harness/calls/tasks.ts";
import { readWorkflow, start, stepsIn } from "../harness/calls/workflows.ts";
import { refusalOf } from "../harness/refusal.ts";
import { freshQueue, shareServer } from "../harness/shared-server.ts";

const shared = shareServer();

const hostile = [
  "'; DROP TABLE event; --",
  '" OR 1=1 --',
  "%_\\*?[a-z]",
  "${7*7} {{7*7}}",
  '{"$ref": "#"}',
  "__proto__",
  "💥 \u202e ä",
];

it.each(hostile)("keeps an event's text as it is, and filters by it as text: %j", async (text) => {
  const server = shared();
  const id = freshQueue();
  const about = { sourceService: text, subject: text, correlationId: text };
  const attributes = { note: fromJson(ValueSchema, text) };
  await subscribe(server, { name: id, filter: { ...about, attributes: { note: text } }, orderingKey: "subject" });
  await publish(server, { id: `${id}-other`, subject: "x" });
  const data = json({ [text]: text });
  const facts = { ...about, causationId: text, attributes, data };
  expect(await publish(server, { id, ...facts })).toMatchObject({ deliveredTo: 1 });
  expect((await report(server, id, text)).event).toMatchObject(facts);
  const { events } = await server.event.listEvents({ filter: { ...about, attributes: { note: text } } });
  expect(events.map((event) => event.id)).toEqual([id]);
  await server.event.deleteSubscription({ name: id });
});

it.each(hostile)("keeps a workflow's text as it is: %j", async (text) => {
  const queue = freshQueue();
  const correlationId = `${queue} ${text}`;
  const input = json({ [text]: [text] });
  const started = await start(shared(), {
    steps: stepsIn(queue, { a: "" }),
    correlationId,
    sourceService: text,
    input,
  });
  expect(await readWorkflow(shared(), started)).toMatchObject({ correlationId, sourceService: text, input });
  const { workflows } = await shared().workflow.listWorkflows({ filter: { correlationId } });
  expect(workflows.map(({ id }) => id)).toEqual([started.id]);
  await shared().workflow.cancelWorkflow({ workflowId: started.id, reason: text });
  expect((await readWorkflow(shared(), started)).failure?.error?.message).toBe(text);
});

it.each(hostile)("keeps an instance's metadata as they are, and filters by them as text: %j", async (text) => {
  const serviceName = freshQueue();
  const address = "localhost:1";
  const metadata = { note: text };
  await shared().registry.registerInstance({ serviceName, instanceId: "a", address, metadata });
  await shared().registry.registerInstance({ serviceName, instanceId: "b", address });
  const { instance } = await shared().registry.pickInstance({ serviceName, metadata });
  expect(instance).toMatchObject({ instanceId: "a", metadata });
});

it("knows nothing by names that are meant as SQL", async () => {
  const { event, workflow, registry } = shared();
  const text = "' OR 1=1 --";
  const reasons = [
    refusalOf(event.getEvent({ eventId: text })),
    refusalOf(workflow.getWorkflow({ workflowId: text })),
    refusalOf(event.deleteSubscription({ name: text })),
    refusalOf(registry.deregisterInstance({ serviceName: text, instanceId: "a" })),
  ].map(async (refusal) => (await refusal).reason);
  expect(await Promise.all(reasons)).toEqual([
    "EVENT_NOT_FOUND",
    "WORKFLOW_NOT_FOUND",
    "INVALID_FIELD",
    "INVALID_FIELD",
  ]);
  expect((await event.listEvents({})).events).not.toEqual([]);
});
