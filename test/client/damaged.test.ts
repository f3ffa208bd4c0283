import Database from "better-sqlite3";
import { expect, it } from "vitest";
import {
  awaitWorkflow,
  connect,
  createProducer,
  createWorker,
  handle,
  jsonTask,
  toCloudEvent,
  watchEvents,
} from "../../src/client/index.ts";
import { writeDamagedFile } from "../harness/disk/damaged-file.ts";
import { startServer } from "../harness/server.ts";
import { createTempDir } from "../harness/temp-dir.ts";

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

it("throws DATA_LOSS for what is damaged on the server's disk, and shows in what is read that it is", async () => {
  await using dir = await createTempDir();
  const ids = await writeDamagedFile(dir.file("sitq.db"));
  await using server = await startServer({ dbPath: dir.file("sitq.db"), mayLogErrors: true });
  const client = connect({ address: server.address });
  const producer = createProducer(client);
  const dataLoss = { name: "CallError", codeName: "DATA_LOSS", reason: "DATA_LOSS" };
  await expect(producer.awaitResult(ids.task)).rejects.toMatchObject(dataLoss);
  await expect(producer.awaitCompleted(ids.task)).rejects.toMatchObject(dataLoss);
  await expect(awaitWorkflow(client, ids.workflow)).rejects.toMatchObject(dataLoss);

  expect(await client.tasks.get(ids.task)).toMatchObject({ result: undefined, damagedFields: ["result"] });
  const listed = await all(client.tasks.list({ queue: "later", full: true }));
  expect(listed).toMatchObject([{ payload: undefined, damagedFields: ["payload", "headers"] }]);
  const damagedEvent = { damagedFields: ["data", "attributes"] };
  expect(await client.events.get(ids.event)).toMatchObject({ event: { data: undefined, ...damagedEvent } });
  expect(await all(client.events.list())).toMatchObject([damagedEvent]);
  for await (const event of watchEvents(client, { start: "earliest" })) {
    expect(event).toMatchObject({ id: ids.event, data: undefined, ...damagedEvent });
    expect(() => toCloudEvent(event.message)).toThrow(expect.objectContaining(dataLoss));
    break;
  }
  expect(await client.workflows.get(ids.workflow)).toMatchObject({
    input: undefined,
    damagedFields: ["input"],
    steps: [{ result: undefined, damagedFields: ["result"] }],
  });
  await producer.close();
  client.close();

  const told = server.log.filter(({ level }) => level === "error").flatMap(({ facts }) => facts.damaged ?? []);
  expect(told).toHaveLength(5);
  expect(told).toContain(`the result of task ${ids.task}`);
});

it("shows what is no message any more as damaged too, where an older version stored it", async () => {
  await using dir = await createTempDir();
  const ids = await writeDamagedFile(dir.file("sitq.db"), { isOld: true });
  await using server = await startServer({ dbPath: dir.file("sitq.db") });
  const client = connect({ address: server.address });
  expect(await client.tasks.get(ids.payload)).toMatchObject({ payload: undefined, damagedFields: ["payload"] });
  expect(await client.events.get(ids.event)).toMatchObject({ event: { damagedFields: ["data"] } });
  for await (const event of watchEvents(client, { start: "earliest" })) {
    expect(event).toMatchObject({ id: ids.event, data: undefined, damagedFields: ["data"] });
    break;
  }
  expect(await client.workflows.get(ids.workflow)).toMatchObject({ input: undefined, damagedFields: ["input"] });
  client.close();
});

it("hands out all that stands beside a payload of an older version that is no message any more", async () => {
  await using dir = await createTempDir();
  const dbPath = dir.file("sitq.db");
  const double = jsonTask<number, number>("double", { queue: "sums" });
  const ids: string[] = [];
  {
    await using before = await startServer({ dbPath });
    const client = connect({ address: before.address });
    const producer = createProducer(client);
    for (const n of [1, 2, 3]) ids.push((await producer.enqueue(double, n)).id);
    await producer.close();
    client.close();
  }
  const db = new Database(dbPath);
  db.exec("UPDATE task SET checksum = NULL; UPDATE task SET payload = x'ff' WHERE id = (SELECT min(id) FROM task)");
  db.close();

  await using server = await startServer({ dbPath, mayLogErrors: true });
  const client = connect({ address: server.address });
  const producer = createProducer(client);
  const worker = createWorker(client, { queues: ["sums"], handlers: [handle(double, async (n) => 2 * n)] });
  await worker.start();
  const [damaged = "", ...whole] = ids;
  expect(await Promise.all(whole.map((id) => producer.awaitResult(id)))).toEqual([4, 6]);
  await expect(producer.awaitResult(damaged)).rejects.toMatchObject({ type: "DATA_LOSS" });
  expect(server.log.filter(({ level }) => level === "error")).toMatchObject([{ facts: { task_ids: [damaged] } }]);
  await worker.stop();
  await producer.close();
  client.close();
});
