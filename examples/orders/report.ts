import Table from "cli-table3";
import { type SitqClient, type Task, TaskState } from "sitq/client";
import { type Order, serviceNames } from "./order.ts";

/** How an order stands. */
export interface OrderStatus {
  readonly order: Order;
  readonly tasks: readonly Task[];
  readonly completed: boolean;
}

/** Reads the tasks of each order by its correlation id. */
export async function readStatuses(client: SitqClient, orders: readonly Order[]): Promise<OrderStatus[]> {
  const statuses: OrderStatus[] = [];
  // A few at a time: this is a report, not a load test.
  for (let first = 0; first < orders.length; first += 20) {
    const some = orders.slice(first, first + 20).map(async (order) => {
      const { tasks } = await client.queue.listTasks({ filter: { correlationId: order.id } });
      const completed = tasks.length === serviceNames.length && tasks.every(isCompleted);
      return { order, tasks, completed };
    });
    statuses.push(...(await Promise.all(some)));
  }
  return statuses;
}

function isCompleted({ state }: Task): boolean {
  return state === TaskState.COMPLETED;
}

/** Columns are told apart by space alone. */
const borders = [
  "top",
  "top-mid",
  "top-left",
  "top-right",
  "bottom",
  "bottom-mid",
  "bottom-left",
  "bottom-right",
  "left",
  "left-mid",
  "mid",
  "mid-mid",
  "right",
  "right-mid",
  "middle",
];

/** One line for each order, then the totals. */
export function printReport(statuses: readonly OrderStatus[], seconds: number): void {
  const table = new Table({
    head: ["order", "status", ...serviceNames, "attempts"],
    chars: Object.fromEntries(borders.map((border) => [border, ""])),
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2 },
  });
  for (const { order, tasks, completed } of statuses) {
    const states = serviceNames.map((name) => {
      const task = tasks.find(({ queue }) => queue === name);
      return task === undefined ? "missing" : (TaskState[task.state] ?? "").toLowerCase();
    });
    table.push([order.id, completed ? "completed" : "open", ...states, attemptsOf(tasks)]);
  }
  console.log(table.toString());

  const completed = statuses.filter((status) => status.completed).length;
  const tasks = statuses.flatMap((status) => status.tasks);
  console.log(`
orders     ${statuses.length}, ${completed} completed, ${statuses.length - completed} open
tasks      ${tasks.length}, ${tasks.filter(isCompleted).length} completed
attempts   ${attemptsOf(tasks)}, ${tasks.filter(({ attempt }) => attempt > 1).length} tasks needed more than one
time       ${seconds.toFixed(1)} s`);
}

function attemptsOf(tasks: readonly Task[]): number {
  return tasks.reduce((sum, { attempt }) => sum + attempt, 0);
}
