/**
 * One service of the shop, as a process of its own: `node service.ts inventory`. It finds the server by SITQ_ADDRESS, prints
 * `ready` (and where its health is answered) once its worker is connected, and stops gracefully on SIGTERM.
 */

import { setTimeout as pause } from "node:timers/promises";
import { connect, createWorker, type HandlerEntry, handle } from "sitq/client";
import { charge, reserve, type ServiceName, serviceNames, ship } from "./order.ts";
import { serveHealth } from "./service-health.ts";

/** The work of one task takes a few milliseconds, like a call to a database. */
const workMs = 5;
/** One charge in this many fails the first time, like a payment provider does. */
const failsOneIn = 20;

const handlers: Record<ServiceName, HandlerEntry> = {
  inventory: handle(reserve, async ({ lines }, { signal }) => {
    await pause(workMs, undefined, { signal });
    return { reserved: lines.reduce((sum, { quantity }) => sum + quantity, 0) };
  }),
  shipping: handle(ship, async ({ id, city }, { signal }) => {
    await pause(workMs, undefined, { signal });
    return { parcel: `${city.toLowerCase()}/${id}` };
  }),
  billing: handle(charge, async ({ id, total_cents: cents }, { signal, task }) => {
    await pause(workMs, undefined, { signal });
    if (task.attempt === 1 && Number(id.replace(/\D/g, "")) % failsOneIn === 0) {
      throw new Error("the payment provider did not answer");
    }
    return { invoice: `invoice-${id}`, cents };
  }),
};

const name = serviceNames.find((each) => each === process.argv[2]);
if (name === undefined) {
  console.error(`usage: node service.ts ${serviceNames.join("|")}`);
  process.exit(2);
}

const client = connect({ service: name });
const worker = createWorker(client, { queues: [name], handlers: [handlers[name]], capacity: 8 });
const health = name === "inventory" ? await serveHealth(worker) : null;
process.once("SIGTERM", async () => {
  await worker.stop();
  health?.close();
  client.close();
});
await worker.start();
console.log(health === null ? "ready" : `ready ${health.url}`);
