import { create } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { TaskErrorSchema } from "../../../gen/sitq/v1/task_pb.js";
import { publish, subscribe } from "../../harness/calls/events.ts";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueue, json, present } from "../../harness/calls/tasks.ts";
import { start } from "../../harness/calls/workflows.ts";
import type { TestServer } from "../../harness/server.ts";

/** A script that would be noticed if it ran, as markup, as the end of another script, and as an address. */
const run = "reportError(new Error('a text has run'))";

/** A text that is none of what it tries to be: markup, the end of a script, an address; with marks of direction, controls and a NUL. */
export const hostile = `<img src=x onerror="${run}"></script><script>${run}</script>"'\`\${7*7}{{7*7}} javascript:${run} \u202Eevil\u202C \u2066x \u0007\u001b[31m\u0000\u200b end`;

/** How it begins, which no view may leave out where it shows it. */
export const hostileBeginning = "<img src=x onerror=";

const longName = (letter: string, length: number) => letter.repeat(length);
const queue = longName("q", 100);
const plain = "plain";
const error = { type: hostile.slice(0, 100), message: hostile, stackTrace: `${hostile}\n${"at ".repeat(2_000)}` };
const headers = { big: "x".repeat(10_000), evil: hostile };
const payload = json({
  [hostile]: hostile,
  link: `javascript:${run}`,
  deep: [[[[hostile]]]],
  long: "w".repeat(20_000),
});
const facts = { correlationId: hostile.slice(0, 200), sourceService: hostile.slice(0, 90) };

/** Fills a server with hostile texts, in every field that takes them, and answers the places at which the console shows them. */
export async function fillWithHostileTexts(server: TestServer): Promise<string[]> {
  const tasks = await fillTasks(server);
  const workflowId = await startHostileWorkflow(server);
  const { eventId } = await publishHostileEvents(server);
  const correlation = encodeURIComponent(facts.correlationId);
  const source = encodeURIComponent(facts.sourceService);
  await server.registry.registerInstance({
    serviceName: plain,
    instanceId: longName("i", 100),
    address: "javascript:80",
    metadata: { [`<b>${"m".repeat(100)}`]: hostile, link: `javascript:${run}` },
  });
  return [
    "#/now",
    "#/now?name=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E",
    "#/tasks",
    `#/tasks?correlation=${correlation}&error=${encodeURIComponent(error.type)}`,
    `#/tasks?queue=${queue}&state=failed`,
    "#/failures",
    ...tasks.map((id) => `#/task/${id}`),
    `#/task/${encodeURIComponent(hostile.slice(0, 60))}`,
    `#/queue/${queue}`,
    `#/queue/${encodeURIComponent(hostile.slice(0, 60))}`,
    "#/workflows",
    `#/workflow/${workflowId}`,
    `#/workflow/${workflowId}?step=first`,
    "#/events",
    `#/events?source=${source}&correlation=${correlation}`,
    `#/event/${source}/${eventId}`,
    "#/subscriptions",
    `#/subscription/${plain}`,
    `#/trace/${correlation}`,
    "#/workers",
    "#/services",
    `#/service/${plain}`,
    `#/service/${encodeURIComponent(hostile.slice(0, 60))}`,
    `#/${encodeURIComponent(hostile.slice(0, 60))}`,
    "#/%E0%A4%A",
  ];
}

/** Tasks that wait, run with progress, failed and were cancelled. */
async function fillTasks(server: TestServer): Promise<string[]> {
  const content = { type: longName("t", 200), payload, headers, ...facts, deduplicationKey: hostile.slice(0, 200) };
  const any = anyPack(TaskErrorSchema, create(TaskErrorSchema, { message: hostile }));
  const failing = await enqueue(server, { queue, ...content });
  const running = await enqueue(server, { queue, type: plain, payload: { kind: { case: "message", value: any } } });
  const waiting = await enqueue(server, {
    queue: plain,
    type: plain,
    payload: { kind: { case: "message", value: { ...any, typeUrl: `evil/${hostile}` } } },
  });
  const cancelled = await enqueue(server, { queue: plain, type: plain, ...facts });
  await server.queue.cancelTask({ taskId: cancelled.id, reason: hostile });
  await server.queue.updateQueue({
    queue: { name: plain, paused: true },
    updateMask: { paths: ["paused"] },
    reason: hostile,
  });
  const worker = await connectWorker(server, {
    workerId: longName("w", 100),
    queues: [queue],
    service: plain,
    address: `${longName("h", 60)}.${longName("h", 60)}.${longName("h", 60)}:80`,
    metadata: { evil: hostile, link: `javascript:${run}` },
  });
  const [first, second] = await worker.take(2);
  await worker.end([present(first)], { case: "failed", value: { error, terminal: true } });
  const { id: taskId, attempt } = present(second);
  worker.send({
    case: "heartbeat",
    value: { progress: [{ taskId, attempt, progress: { fraction: 0.4, message: hostile } }] },
  });
  await worker.heard();
  return [failing.id, running.id, waiting.id, cancelled.id];
}

async function startHostileWorkflow(server: TestServer): Promise<string> {
  const worker = await connectWorker(server, { workerId: "steps", queues: ["steps"] });
  const { id } = await start(server, {
    name: longName("n", 200),
    input: payload,
    ...facts,
    steps: [
      {
        stepId: "first",
        serviceName: "steps",
        action: longName("a", 200),
        compensateWith: "undo",
        parameters: payload,
        maxRetries: 0,
      },
      { stepId: longName("s", 64), serviceName: "steps", action: plain, dependsOn: ["first"], maxRetries: 0 },
    ],
  });
  const [first] = await worker.take(1);
  await worker.end([present(first)], { case: "completed", value: { result: payload } });
  const [second] = await worker.take(1);
  await worker.end([present(second)], { case: "failed", value: { error, terminal: true } });
  const [undo] = await worker.take(1);
  await worker.end([present(undo)], { case: "failed", value: { error, terminal: true } });
  return id;
}

async function publishHostileEvents(server: TestServer): Promise<{ readonly eventId: string }> {
  await subscribe(server, {
    name: plain,
    queue: plain,
    filter: { sourceService: facts.sourceService, attributes: { evil: hostile } },
  });
  const eventId = "<script>alert(1)</script>";
  await publish(server, {
    id: eventId,
    type: longName("e", 200),
    subject: hostile.slice(0, 200),
    causationId: hostile.slice(0, 200),
    data: payload,
    attributes: { evil: { kind: { case: "stringValue", value: hostile } } },
    ...facts,
  });
  return { eventId: encodeURIComponent(eventId) };
}
