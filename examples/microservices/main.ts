/**
 * A shop of five services, two instances of each, as processes of their own beside one server. Orders are workflows with
 * compensation, the services tell each other what happened by events, and call each other through discovery. Half-way one
 * instance is killed, and every order still comes to its end.
 *
 * `npm run example:microservices`, or with fewer: `npm run example:microservices -- --orders 100`. With `--secure` every connection is
 * encrypted, each service proves who it is by a certificate and a token of its own, and the server lets it do what it has to and
 * nothing else.
 */

import { parseArgs } from "node:util";
import { readOrders } from "../orders/order.ts";
import { startProcess } from "../process.ts";
import { runShop } from "./run-shop.ts";

const { values } = parseArgs({
  options: { orders: { type: "string", default: "500" }, secure: { type: "boolean", default: false } },
});
const service = new URL("./service.ts", import.meta.url);

process.exitCode = await runShop({
  orders: readOrders(new URL("../orders/orders.jsonl", import.meta.url), Number(values.orders)),
  isSecure: values.secure,
  start: (name, instance, env) => startProcess(service, [name, instance], /^ready/, { env }),
});
