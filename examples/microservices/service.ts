/**
 * One instance of one service of the shop, as a process of its own: `node service.ts payment payment-1`. It finds the server by
 * SITQ_ADDRESS, prints `ready` once it is connected, and stops gracefully on SIGTERM.
 */

import { connect, createPublisher, createWorker, registerSitqResolver } from "sitq/client";
import { serveDirectly } from "./direct-call.ts";
import { createInventory } from "./inventory.ts";
import { createNotification } from "./notification.ts";
import { createOrderService } from "./order-service.ts";
import { createPayment } from "./payment.ts";
import type { Service, ServiceContext } from "./service-context.ts";
import { createShipping } from "./shipping.ts";
import { type ServiceName, serviceNames } from "./shop.ts";

const makers: Record<ServiceName, (context: ServiceContext) => Service> = {
  order: createOrderService,
  inventory: createInventory,
  payment: createPayment,
  shipping: createShipping,
  notification: createNotification,
};

const name = serviceNames.find((each) => each === process.argv[2]);
const instance = process.argv[3];
if (name === undefined || instance === undefined) {
  console.error(`usage: node service.ts ${serviceNames.join("|")} INSTANCE`);
  process.exit(2);
}

const client = connect({ service: name });
registerSitqResolver(client);
const publisher = createPublisher(client);
const service = makers[name]({ client, publisher, instance });
const server = await serveDirectly(service.answer);
// Its stream is its registration: with an address the others can call it, and its end takes it off the list.
const worker = createWorker(client, {
  workerId: instance,
  queues: [name],
  handlers: service.handlers,
  capacity: 8,
  address: server.address,
});
process.once("SIGTERM", async () => {
  await worker.stop();
  await publisher.close();
  server.close();
  service.close();
  client.close();
});
await worker.start();
console.log("ready");
