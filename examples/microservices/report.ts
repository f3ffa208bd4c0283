import Table from "cli-table3";
import { CompensationState, type SitqClient, type Task, TaskState, type Workflow, WorkflowState } from "sitq/client";
import type { Order } from "../orders/order.ts";
import { subscriptions } from "./shop.ts";

const unfinished = [TaskState.BLOCKED, TaskState.SCHEDULED, TaskState.PENDING, TaskState.RUNNING];

/** Prints what became of the orders, the events and the load; answers whether every order came to its end. */
export async function printReport(
  client: SitqClient,
  orders: readonly Order[],
  callsOf: ReadonlyMap<string, number>,
  seconds: number,
): Promise<boolean> {
  await untilDelivered(client);
  const workflows = await listWorkflows(client);
  const completed = workflows.filter(({ state }) => state === WorkflowState.COMPLETED);
  const compensated = workflows.filter(
    ({ state, compensationState }) =>
      state === WorkflowState.FAILED && compensationState === CompensationState.COMPLETED,
  );
  const open = orders.length - completed.length - compensated.length;
  const tasks = await listTasks(client);
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
        const delivered = ofSubscription.filter(({ state }) => state === TaskState.COMPLETED).length;
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
        callsOf.get(instance) ?? "",
      ]),
    ),
  );
  return open === 0;
}

/** Waits for the deliveries that are still on their way. */
async function untilDelivered(client: SitqClient): Promise<void> {
  for (;;) {
    const { tasks } = await client.queue.listTasks({ filter: { states: unfinished }, pageSize: 1 });
    const [task] = tasks;
    if (task === undefined) return;
    await client.queue.awaitTask({ taskId: task.id });
  }
}

async function listTasks(client: SitqClient): Promise<Task[]> {
  const all: Task[] = [];
  let pageToken = "";
  do {
    const page = await client.queue.listTasks({ pageSize: 1_000, pageToken });
    all.push(...page.tasks);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return all;
}

async function listWorkflows(client: SitqClient): Promise<Workflow[]> {
  const all: Workflow[] = [];
  let pageToken = "";
  do {
    const page = await client.workflow.listWorkflows({ filter: { name: "place-order" }, pageSize: 1_000, pageToken });
    all.push(...page.workflows);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
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
