/**
 * The shop of the microservices example with a language for each service: orders in TypeScript, inventory in Python, payment in Java, shipping
 * in Go, notification in Rust. They work on the steps of the same workflows, are told of the same events, and find each other through
 * the server: shipping calls whichever instance of inventory is there. Half-way one instance of payment is killed.
 *
 * `npm run example:polyglot`, or with fewer orders: `npm run example:polyglot -- --orders 100`. It needs Python 3.10, Go, a JDK of 17 with
 * Maven, and Cargo, and first builds the services and the clients that they use.
 */

import { parseArgs } from "node:util";
import { runShop } from "../microservices/run-shop.ts";
import { readOrders } from "../orders/order.ts";
import { startCommand } from "../process.ts";
import { build, programs } from "./programs.ts";

const { values } = parseArgs({ options: { orders: { type: "string", default: "500" } } });

build();
const languages = Object.entries(programs).map(([name, { language }]) => `${name} in ${language}`);
console.log(`The shop: ${languages.join(", ")}.`);
process.exitCode = await runShop({
  orders: readOrders(new URL("../orders/orders.jsonl", import.meta.url), Number(values.orders)),
  isSecure: false,
  start: (name, instance, env) => startCommand([...programs[name].command(), instance], /^ready/, { env }),
});
