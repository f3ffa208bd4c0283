import { setTimeout as pause } from "node:timers/promises";
import type { SitqClient, TaskRecord } from "sitq/client";
import { subscriptions } from "../microservices/shop.ts";

/** What became of the orders. */
export interface Outcome {
  readonly isGood: boolean;
  /** All of it, in one line. */
  readonly text: string;
}

const stepNames = ["reserve", "charge", "schedule", "confirm"];

/** How many deliveries of each subscription an order sets off that succeeds. */
const deliveriesOf = { mails: 3, restocking: 1, bookkeeping: 1, tracking: 1 };

/** Reads what is stored of so many orders: each has to be completed, with each of its steps once, and each event delivered once. */
export async function readOutcome(client: SitqClient, orders: number, signal: AbortSignal): Promise<Outcome> {
  const expected = Object.values(deliveriesOf).reduce((sum, each) => sum + each, stepNames.length) * orders;
  let tasks = await readTasks(client);
  while (tasks.length < expected || tasks.some(({ state }) => state !== "COMPLETED" && state !== "FAILED")) {
    await pause(100, undefined, { signal });
    tasks = await readTasks(client);
  }

  let completed = 0;
  for await (const { state } of client.workflows.list({ name: "place-order", pageSize: 1_000 })) {
    if (state === "COMPLETED") completed++;
  }
  const steps = stepNames.map((name) => {
    const ofStep = tasks.filter(({ origin, state }) => origin?.stepId === name && state === "COMPLETED");
    const attempts = ofStep.reduce((sum, { attempt }) => sum + attempt, 0);
    const workflows = new Set(ofStep.map(({ origin }) => origin?.workflowId));
    return { name, attempts, isOnce: workflows.size === orders && ofStep.length === orders };
  });
  const deliveries = subscriptions.map(({ name }) => {
    const delivered = tasks.filter(({ origin, state }) => origin?.subscription === name && state === "COMPLETED");
    return { name, delivered: delivered.length, isOnce: delivered.length === deliveriesOf[name] * orders };
  });

  const attempts = steps.map((step) => `${step.name} ${step.attempts}`).join(", ");
  const delivered = deliveries.map((each) => `${each.name} ${each.delivered}`).join(", ");
  const bad = [...steps, ...deliveries].filter(({ isOnce }) => !isOnce).map(({ name }) => name);
  const isGood = completed === orders && bad.length === 0 && tasks.length === expected;
  const text = isGood
    ? `All ${orders} orders completed, each step once for each of them. Events delivered: ${delivered}. Attempts: ${attempts}.`
    : `${completed} of ${orders} orders completed; not once for each of them: ${bad.join(", ") || "other tasks"}. ` +
      `Events delivered: ${delivered}. Attempts: ${attempts}.`;
  return { isGood, text };
}

async function readTasks(client: SitqClient): Promise<TaskRecord[]> {
  const tasks: TaskRecord[] = [];
  for await (const task of client.tasks.list({ pageSize: 1_000 })) tasks.push(task);
  return tasks;
}
