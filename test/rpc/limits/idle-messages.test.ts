import { expect, it } from "vitest";
import { IdleMessages } from "../../../src/rpc/limits/idle-messages.ts";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueue, present } from "../../harness/calls/tasks.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { refusalIn, refusalOf } from "../../harness/refusal.ts";
import { startServer } from "../../harness/server.ts";

const most = 20;
const refused = {
  code: "RESOURCE_EXHAUSTED",
  reason: "TOO_MANY_IDLE_MESSAGES",
  domain: "sitq",
  metadata: { per_minute: String(most) },
};

it("lets as many through at once as in a minute, and then as many as its share of time allows", () => {
  const clock = createFakeClock();
  const idle = new IdleMessages(clock, 60);
  const countAll = (n: number) => {
    for (let i = 0; i < n; i++) idle.count();
  };
  countAll(60);
  expect(() => idle.count()).toThrow(expect.objectContaining({ reason: "TOO_MANY_IDLE_MESSAGES" }));
  clock.advance(2_000);
  countAll(2);
  expect(() => idle.count()).toThrow();
  clock.advance(3_600_000);
  countAll(60);
  expect(() => idle.count()).toThrow();
});

it.each([
  ["empty heartbeats", { case: "heartbeat", value: {} }],
  ["changes of capacity", { case: "capacity", value: { n: 3 } }],
  ["empty outcomes", { case: "outcomes", value: {} }],
] as const)(
  "ends a worker's stream for %s; its leases last, and other workers notice nothing",
  async (_what, message) => {
    await using server = await startServer({ clock: createFakeClock(), config: { maxIdleMessages: most } });
    const { id } = await enqueue(server);
    const worker = await connectWorker(server, { workerId: "noisy" });
    const [held] = await worker.take(1);
    const other = await connectWorker(server, { workerId: "quiet", queues: ["others"] });
    for (let n = 0; n <= most; n++) worker.send(message);
    expect(refusalIn(await worker.ended)).toMatchObject(refused);

    await enqueue(server, { queue: "others" });
    expect(await other.complete(...(await other.take(1)))).toEqual(["SETTLED"]);
    const back = await connectWorker(server, { workerId: "noisy", held: [{ taskId: id, attempt: 1 }] });
    expect(back.welcome.kept).toHaveLength(1);
    expect(await back.complete(present(held))).toEqual(["SETTLED"]);
  },
);

it("does not count messages with work", async () => {
  await using server = await startServer({ clock: createFakeClock(), config: { maxIdleMessages: most } });
  const worker = await connectWorker(server);
  for (let n = 0; n < most + 5; n++) {
    await enqueue(server);
    const [task] = await worker.take(1);
    const { id: taskId, attempt } = present(task);
    worker.send({ case: "heartbeat", value: { progress: [{ taskId, attempt, progress: { fraction: 0.5 } }] } });
    expect(await worker.complete(present(task))).toEqual(["SETTLED"]);
  }
});

it("ends an EnqueueStream of empty requests, after the answers to what came before", async () => {
  await using server = await startServer({ clock: createFakeClock(), config: { maxIdleMessages: most } });
  const call = server.queue.enqueueStream();
  const responses = call.responses[Symbol.asyncIterator]();
  call.send({ requests: [{ task: { queue: "mail", type: "t" } }] });
  for (let n = 0; n <= most; n++) call.send({});
  expect(present((await responses.next()).value).results).toHaveLength(1);
  for (let n = 0; n < most; n++) expect(present((await responses.next()).value).error).toBeDefined();
  expect(await refusalOf(responses.next())).toMatchObject(refused);
  await enqueue(server);
});
