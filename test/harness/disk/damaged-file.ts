import Database from "better-sqlite3";
import {
  awaitWorkflow,
  connect,
  createProducer,
  createPublisher,
  createWorker,
  handle,
  startWorkflow,
  workflow,
} from "../../../src/client/index.ts";
import { startServer } from "../server.ts";

/** A task, an event and a workflow whose result, data, input and step's result are damaged in the file. */
export interface DamagedIds {
  readonly task: string;
  readonly payload: string;
  readonly event: string;
  readonly workflow: string;
}

/** Stores what is completed, and an event, in a file, and damages it there. A payload with no sound message in it is damaged too. */
export async function writeDamagedFile(path: string, { isOld = false } = {}): Promise<DamagedIds> {
  const ids = await fill(path);
  const db = new Database(path);
  const isLast = "id = (SELECT max(id) FROM task WHERE queue_id = (SELECT id FROM queue WHERE name = 'later'))";
  db.exec(`UPDATE task SET payload = x'ff' WHERE ${isLast}`);
  db.exec("UPDATE task SET result = CAST('7' || substr(result, 2) AS BLOB) WHERE result IS NOT NULL");
  db.exec("UPDATE event SET data = x'ff'; UPDATE workflow SET input = x'ff'");
  // An older version stored no checksums.
  if (isOld) {
    db.exec("UPDATE task SET checksum = NULL, result_checksum = NULL; UPDATE event SET checksum = NULL");
    db.exec("UPDATE workflow SET input_checksum = NULL, plan_checksum = NULL");
  }
  db.close();
  return ids;
}

async function fill(dbPath: string): Promise<DamagedIds> {
  await using server = await startServer({ dbPath });
  const client = connect({ address: server.address, service: "shop" });
  const producer = createProducer(client);
  const publisher = createPublisher(client);
  const worker = createWorker(client, { queues: ["q"], handlers: [handle("price", () => ({ price: 7 }))] });
  try {
    await worker.start();
    const task = await producer.enqueue("q", "price", { sku: "lamp" });
    await producer.awaitResult(task);
    const payload = await producer.enqueue("later", "price", { sku: "cup" });
    const event = await publisher.publish("order.created", { order: 7 });
    const steps = workflow("quote").step("price", "price", {}, { service: "q" });
    const started = await startWorkflow(client, steps, { input: { sku: "lamp" } });
    await awaitWorkflow(client, started);
    return { task: task.id, payload: payload.id, event: event.id, workflow: started.id };
  } finally {
    await worker.stop({ graceMs: 0 });
    await Promise.all([producer.close(), publisher.close()]);
    client.close();
  }
}
