import { afterAll, describe, expect, it } from "vitest";
import {
  CallError,
  connect,
  createProducer,
  createPublisher,
  createRegistration,
  createWorker,
  createWorkflow,
  eventStart,
  newTask,
  pickInstance,
  RetryLaterError,
  startWorkflow,
  subscribe,
  workflow,
} from "../../../src/client/index.ts";
import { outcomeOfThrown } from "../../../src/client/worker/attempt-outcome.ts";

// Nothing of this is sent.
const client = connect({ address: "127.0.0.1:1", log: "silent" });
const producer = createProducer(client, { retryTimeoutMs: 0 });
const publisher = createPublisher(client, { retryTimeoutMs: 0 });
afterAll(async () => {
  await producer.close();
  await publisher.close();
  client.close();
});

/** What a caller in JavaScript can pass, whatever the types say. */
const any = (value: unknown) => value as never;

const refused: readonly (readonly [what: string, call: () => unknown, field: string, text: string])[] = [
  ["an option of a task that there is not", () => producer.enqueue("q", "t", 1, any({ delay: 5 })), "delay", "delayMs"],
  ["an option of newTask", () => producer.enqueueAll([newTask("q", "t", 1, any({ prio: 5 }))]), "prio", "priority"],
  [
    "an option of a retry policy",
    () => producer.enqueue("q", "t", 1, { retryPolicy: any({ backoff: 5 }) }),
    "backoff",
    "initialBackoffMs",
  ],
  ["a span that is a text", () => producer.enqueue("q", "t", 1, { delayMs: any("10s") }), "task.delay", '"10s"'],
  ["a span that is NaN", () => producer.enqueue("q", "t", 1, { timeToLiveMs: Number.NaN }), "task.time_to_live", "NaN"],
  [
    "a time that is a text",
    () => producer.enqueue("q", "t", 1, { scheduleTime: any("tomorrow") }),
    "task.schedule_time",
    '"tomorrow"',
  ],
  ["a Date that is none", () => publisher.publish("t", 1, { time: new Date("x") }), "event.time", "not a valid Date"],
  ["a task without a type", () => producer.enqueue("q", any(undefined)), "task.type", "is required"],
  ["a definition that is none", () => producer.enqueue(any({ type: "t" }), {}), "task.type", "is required"],
  ["a dispatch that says nothing", () => producer.enqueue("q", "t", 1, { dispatch: any({}) }), "dispatch", "strategy"],
  ["a distribution without options", () => producer.distribute("s", "t", 1, any(undefined)), "dispatch", "strategy"],
  ["an option of an event", () => publisher.publish("t", 1, any({ source: "shop" })), "source", "sourceService"],
  ["an event without a type", () => publisher.publish(any(undefined)), "event.type", "is required"],
  ["a start that is none", () => eventStart(any("today")), "start", '"today" is none of "now", "earliest"'],
  [
    "a subscription without a start",
    () => subscribe(client, any({ name: "n", types: ["t"], handler: () => 1 })),
    "start",
    '"now"',
  ],
  [
    "an option of a worker",
    () => createWorker(client, any({ queues: [], handlers: {}, threads: 2 })),
    "threads",
    "capacity",
  ],
  [
    "an option of a subscription",
    () => subscribe(client, any({ name: "n", types: ["t"], from: "now", handler: () => 1, retries: 2 })),
    "retries",
    "capacity",
  ],
  [
    "an option of a registration",
    () => createRegistration(client, any({ service: "s", address: "h:1", ttl: 5 })),
    "ttl",
    "ttlMs",
  ],
  ["an option of a pick", () => pickInstance(client, any({ service: "s", reserve: 5 })), "reserve", "reservationMs"],
  [
    "an option of a step",
    () => workflow("w").step("a", "t", {}, any({ service: "s", depends_on: [] })),
    "depends_on",
    "dependsOn",
  ],
  [
    "a step without a type",
    () => workflow("w").step("a", any(undefined), {}, { service: "s" }),
    "steps[0].action",
    "is required",
  ],
  ["an option of a start", () => startWorkflow(client, workflow("w"), any({ inputs: 1 })), "inputs", "input"],
  [
    "an option of a workflow to come",
    () => createWorkflow(client, workflow("w"), any({ pending: true })),
    "pending",
    "input",
  ],
];

describe("what JavaScript passes and TypeScript would not", () => {
  it.each(refused)("refuses %s, by its name", async (_, call, field, text) => {
    const error = await (async () => call())().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CallError);
    expect(error).toMatchObject({ codeName: "INVALID_ARGUMENT", reason: "INVALID_FIELD", field });
    expect((error as Error).message).toContain(text);
  });

  it.each([
    [{ handlers: {} }, "queues is required"],
    [{ queues: "q", handlers: {} }, "queues is required"],
    [{ queues: ["q"] }, "handlers is required"],
    [{ queues: ["q"], handlers: {} }, "handlers holds none"],
  ])("refuses a worker of %j", (options, text) => {
    expect(() => createWorker(client, any(options))).toThrow(text);
  });

  it("takes a delay that is no number for none", () => {
    const { value } = outcomeOfThrown(new RetryLaterError("later", any("10s")));
    expect(value).toMatchObject({ retryDelay: { seconds: 0n, nanos: 0 } });
  });

  it("says what was thrown that is no error", () => {
    expect(outcomeOfThrown({ code: "E7" }).value).toMatchObject({
      error: { message: "{ code: 'E7' }", type: "object" },
    });
    expect(outcomeOfThrown("no").value).toMatchObject({ error: { message: "no", type: "string" } });
    expect(outcomeOfThrown(Object.create(null)).value).toMatchObject({ error: { type: "object" } });
  });
});
