import Table from "cli-table3";
import { awaitTask, type SitqClient } from "sitq/client";
import type { Order } from "../orders/order.ts";
import { subscriptions } from "./shop.ts";

/** Prints what became of the orders, the events and the load; answers whether every order came to its end. */
export async function printReport(
  client: SitqClient,
  orders: readonly Order[],
  callsOf: ReadonlyMap<string, number>,
  seconds: number,
): Promise<boolean> {
  await untilDelivered(client);
  const workflows = await allOf(client.workflows.list({ name: "place-order", pageSize: 1_000 }));
  const completed = workflows.filter(({ state }) => state === "COMPLETED");
  const compensated = workflows.filter(
    ({ state, compensationState }) => state === "FAILED" && compensationState === "COMPLETED",
  );
  const open = orders.length - completed.length - compensated.length;
  const tasks = await allOf(client.tasks.list({ pageSize: 1_000 }));
  console.log(`
orders      ${orders.length}, ${completed.length} completed, ${compensated.length} compensated, ${open} open
attempts    ${tasks.filter(({ attempt }) => attempt > 1).length} tasks needed more than one
time        ${seconds.toFixed(1)} s
`);
  console.log(
    tableOf(
      ["subscription", "queue", "delivered", "failed"],
      subscriptions.map(({ name, queue }) => {
        const ofSubscription = tasks.filter(({ origin }) => origin?.subscription === name);
        const delivered = ofSubscription.filter(({ state }) => state === "COMPLETED").length;
        return [name, queue, delivered, ofSubscription.length - delivered];
      }),
    ),
  );
  // Steps that were cancelled before they began had no worker.
  const instances = [...new Set(tasks.map(({ workerId }) => workerId))].filter(Boolean).sort();
  console.log(
    tableOf(
      ["instance", "tasks", "calls"],
      instances.map((instance) => [
        instance,
        tasks.filter(({ workerId }) => workerId === instance).length,
        // Where the server knows who its workers are, it puts the principal before what an instance calls itself.
        callsOf.get(instance.slice(instance.indexOf("/") + 1)) ?? "",
      ]),
    ),
  );
  return open === 0;
}

/** Waits for the deliveries that are still on their way. */
async function untilDelivered(client: SitqClient): Promise<void> {
  const unfinished = client.tasks.list({ states: ["blocked", "scheduled", "pending", "running"], pageSize: 1_000 });
  for await (const { id } of unfinished) await awaitTask(client, id);
}

async function allOf<T>(list: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of list) all.push(each);
  return all;
}

const edges = ["top", "bottom", "left", "right"];
const borders = [
  ...edges,
  "top-mid",
  "top-left",
  "top-right",
  "bottom-mid",
  "bottom-left",
  "bottom-right",
  "left-mid",
  "mid",
  "mid-mid",
  "right-mid",
  "middle",
];

/** A table whose columns are told apart by space alone. */
function tableOf(head: string[], rows: (string | number)[][]): string {
  const table = new Table({
    head,
    chars: Object.fromEntries(borders.map((border) => [border, ""])),
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2 },
  });
  table.push(...rows);
  return `${table.toString().replace(/ +$/gm, "")}\n`;
}
