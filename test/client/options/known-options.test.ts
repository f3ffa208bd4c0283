import { afterAll, describe, expect, it } from "vitest";
import { TaskErrorSchema } from "../../../gen/sitq/v1/task_pb.js";
import * as sdk from "../../../src/client/index.ts";
import { nearest } from "../../../src/grpc/client/nearest.ts";

// Nothing of this is sent.
const client = sdk.connect({ address: "127.0.0.1:1", log: "silent" });
const producer = sdk.createProducer(client, { retryTimeoutMs: 0 });
const publisher = sdk.createPublisher(client, { retryTimeoutMs: 0 });
const worker = sdk.createWorker(client, { queues: ["q"], handlers: { t: () => 1 } });
const registration = sdk.createRegistration(client, { service: "s", address: "h:1" });
const definition = sdk.workflow("w");
afterAll(async () => {
  await producer.close();
  await publisher.close();
  client.close();
});

type Call = (options: never) => unknown;

/** The call that takes the options of each exported function, and of each method of what those make. */
const callsByOwner: readonly (readonly [
  name: string,
  owner: object,
  withOptions: Readonly<Record<string, Call>>,
  without: readonly string[],
])[] = [
  [
    "the SDK",
    functionsOf(sdk),
    {
      connect: (options) => sdk.connect(options),
      createProducer: (options) => sdk.createProducer(client, options),
      createPublisher: (options) => sdk.createPublisher(client, options),
      createWorker: (options) => sdk.createWorker(client, Object.assign(options, { queues: ["q"], handlers: {} })),
      createRegistration: (options) => sdk.createRegistration(client, options),
      createLoadReports: (options) => sdk.createLoadReports(options),
      awaitTask: (options) => sdk.awaitTask(client, "t", options),
      awaitDelivery: (options) => sdk.awaitDelivery(client, "e", options),
      awaitWorkflow: (options) => sdk.awaitWorkflow(client, "w", options),
      watchWorkflow: (options) => sdk.watchWorkflow(client, "w", options).next(),
      watchEvents: (options) => sdk.watchEvents(client, options).next(),
      watchInstances: (options) => sdk.watchInstances(client, options),
      registerSitqResolver: (options) => sdk.registerSitqResolver(client, options),
      pickInstance: (options) => sdk.pickInstance(client, options),
      discover: (options) => sdk.discover(client, "s", options),
      checkHealth: (options) => sdk.checkHealth(client, "s", options),
      startWorkflow: (options) => sdk.startWorkflow(client, definition, options),
      createWorkflow: (options) => sdk.createWorkflow(client, definition, options),
      executeWorkflow: (options) => sdk.executeWorkflow(client, "w", options),
      subscribe: (options) => sdk.subscribe(client, options),
      newTask: (options) => sdk.newTask("q", "t", 1, options),
      newEvent: (options) => sdk.newEvent("t", 1, options),
      eventType: (options) => sdk.eventType("t", options),
      jsonTask: (options) => sdk.jsonTask("t", options),
      defineTask: (options) => sdk.defineTask("t", TaskErrorSchema, TaskErrorSchema, options),
    },
    ["causedBy", "createTextLog", "eventStart", "fromCloudEvent", "toCloudEvent", "fromPayload", "toPayload"].concat(
      ["handle", "workflow"],
      // Thrown by handlers: a refusal in their place would be tried again, where a TerminalError is not.
      ["CallError", "AttemptAborted", "PayloadMismatchError", "ReleaseError", "RetryLaterError"],
      ["TaskFailedError", "TerminalError", "WorkflowFailedError"],
    ),
  ],
  [
    "a producer",
    producer,
    {
      enqueue: (options) => producer.enqueue("q", "t", 1, options),
      enqueueAll: (options) => producer.enqueueAll([], options),
      distribute: (options) => producer.distribute("s", "t", 1, Object.assign(options, { strategy: "random" })),
      awaitResult: (options) => producer.awaitResult("t", options),
      awaitCompleted: (options) => producer.awaitCompleted("t", options),
    },
    ["flush", "close"],
  ],
  [
    "a publisher",
    publisher,
    {
      publish: (options) => publisher.publish("t", 1, options),
      publishAll: (options) => publisher.publishAll([], options),
    },
    ["flush", "close"],
  ],
  [
    "a worker",
    worker,
    { process: (options) => worker.process("t", options), stop: (options) => worker.stop(options) },
    ["start", "getStatus"],
  ],
  ["a registration", registration, {}, ["drain", "start", "stop"]],
  [
    "a workflow",
    definition,
    { step: (options) => definition.step("a", sdk.jsonTask("t", { queue: "q" }), {}, options) },
    ["toSteps", "decodeResult"],
  ],
  [
    "the reader of tasks",
    client.tasks,
    {
      get: (options) => client.tasks.get("t", options),
      explain: (options) => client.tasks.explain("t", options),
      list: (options) => client.tasks.list(options),
      cancel: (options) => client.tasks.cancel("t", options),
      retry: (options) => client.tasks.retry("t", options),
      update: (options) => client.tasks.update("t", {}, options),
      rerun: (options) => client.tasks.rerun("t", options),
      failures: (options) => client.tasks.failures(options),
      cancelAll: (options) => client.tasks.cancelAll({}, options),
      retryAll: (options) => client.tasks.retryAll({}, options),
      deleteAll: (options) => client.tasks.deleteAll({}, options),
    },
    [],
  ],
  [
    "the reader of queues",
    client.queues,
    {
      get: (options) => client.queues.get("q", options),
      list: (options) => client.queues.list(options),
      update: (options) => client.queues.update("q", {}, options),
    },
    [],
  ],
  [
    "the reader of workflows",
    client.workflows,
    {
      get: (options) => client.workflows.get("w", options),
      list: (options) => client.workflows.list(options),
      cancel: (options) => client.workflows.cancel("w", options),
      retry: (options) => client.workflows.retry("w", options),
    },
    [],
  ],
  ["the reader of workers", client.workers, { list: (options) => client.workers.list(options) }, []],
  [
    "the reader of events",
    client.events,
    { get: (options) => client.events.get("e", options), list: (options) => client.events.list(options) },
    [],
  ],
  ["the reader of subscriptions", client.subscriptions, { list: (options) => client.subscriptions.list(options) }, []],
];

const calls = callsByOwner.flatMap(([owner, , withOptions]) =>
  Object.entries(withOptions).map(([name, call]) => [`${name} of ${owner}`, call] as const),
);

/** Options within options, and the options of one call of a typed client. */
const within: readonly (readonly [string, Call])[] = [
  ["the dispatch of a task", (dispatch) => producer.enqueue("q", "t", 1, { dispatch })],
  ["the retry policy of a task", (retryPolicy) => producer.enqueue("q", "t", 1, { retryPolicy })],
  ["the events of a worker", (events) => sdk.createWorker(client, { queues: ["q"], handlers: {}, events })],
  ["the filter of a watch", (filter) => sdk.watchEvents(client, { start: "now", filter }).next()],
  ["the publication of a made event", (options) => publisher.publish(sdk.newEvent("t"), options)],
  ["the settings of a queue", (settings) => client.queues.update("q", settings)],
  ["a unary call", (options) => client.queue.getTask({ taskId: "t" }, options)],
  ["a streaming call", (options) => client.queue.watchTasks({}, options)],
  ["a call of two streams", (options) => client.worker.work(options)],
];

function functionsOf(module: object): object {
  const own = Object.entries(module).filter(([name, value]) => typeof value === "function" && !name.endsWith("Schema"));
  return Object.fromEntries(own);
}

async function refusalOf(call: Call, options: unknown): Promise<unknown> {
  return (async () => call(options as never))().catch((thrown: unknown) => thrown);
}

describe("options that there are not", () => {
  it.each(callsByOwner)("are looked for in every function of %s", (_, owner, withOptions, without) => {
    const functions = Object.entries(owner).filter(([, value]) => typeof value === "function");
    expect([...Object.keys(withOptions), ...without].sort()).toEqual(functions.map(([name]) => name).sort());
  });

  it.each([...calls, ...within])("are refused by %s, by their name and before anything is sent", async (_, call) => {
    const error = await refusalOf(call, { timoutMs: 5 });
    expect(error).toBeInstanceOf(sdk.CallError);
    expect(error).toMatchObject({ reason: "INVALID_FIELD", field: expect.stringMatching(/(^|\.)timoutMs$/) });
    expect((error as Error).message).toContain("timoutMs: is none of");
  });

  it("are told with the one that was meant", async () => {
    const error = await refusalOf((options) => sdk.awaitWorkflow(client, "w", options), { timeout: 5 });
    expect(error).toMatchObject({
      message: "timeout: is none of timeoutMs, signal, retryTimeoutMs; did you mean timeoutMs?",
    });
  });

  it.each(["127.0.0.1:50051", 5, null, () => 1])("and options that are no object are refused: %s", async (options) => {
    const error = await refusalOf((given) => sdk.connect(given), options);
    expect(error).toMatchObject({ reason: "INVALID_FIELD", field: "options" });
    expect((error as Error).message).toContain("must be an object with address");
  });
});

describe("the nearest name", () => {
  const known = ["delayMs", "dependsOn", "priority", "sourceService", "initialBackoffMs", "maxBackoffMs"];
  it.each([
    ["delay", "delayMs"],
    ["depends_on", "dependsOn"],
    ["prio", "priority"],
    ["priorty", "priority"],
    ["sourceServices", "sourceService"],
    ["backoff", undefined],
    ["colour", undefined],
    ["x", undefined],
  ])("of %s is %s", (name, meant) => {
    expect(nearest(name, known)).toBe(meant);
  });
});
