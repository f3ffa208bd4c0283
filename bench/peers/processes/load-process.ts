/** A process that produces or works, by the client of one system. It does what it is asked, one thing after the other. */

import { peerNamed } from "../all-peers.ts";
import type { PeerClient, PeerWorker } from "../peer.ts";
import { ageOf, textPayload, timedText } from "../text-payload.ts";

/** What the process is asked. */
export type LoadOrder =
  /** First and once. */
  | {
      readonly kind: "connect";
      readonly peer: string;
      readonly address: string;
      readonly setting: string;
      /** What each task carries. */
      readonly text: string;
    }
  | ({ readonly kind: "enqueue" } & EnqueueOrder)
  /** Takes this many waiting tasks, and stops. */
  | { readonly kind: "drain"; readonly tasks: number; readonly concurrency: number }
  /** See `PeerClient`. */
  | { readonly kind: "maintain" | "favourDelay" }
  /** Takes tasks from now on, */
  | { readonly kind: "listen"; readonly concurrency: number }
  /** of which each is asked for, */
  | { readonly kind: "nextDelay" }
  /** and comes from here. */
  | { readonly kind: "enqueueTimed" };

/** How tasks are enqueued: until there are so many, or the time is over. */
export interface EnqueueOrder {
  /** Calls in flight. */
  readonly inFlight: number;
  /** Tasks of one call. */
  readonly batch: number;
  readonly mostTasks: number;
  readonly mostMs: number;
}

/** What the process answers: how many tasks in how much time, or how late the task came. */
export interface LoadAnswer {
  readonly tasks?: number;
  readonly ms?: number;
  /** Why it failed. */
  readonly error?: string;
}

let client: PeerClient | null = null;
/** Delays of tasks that were settled and not asked for yet, and who asks for the next one. */
const delays: number[] = [];
let onDelay: () => void = () => undefined;

process.on("message", async (order: LoadOrder) => {
  try {
    process.send?.(await answerTo(order));
  } catch (error) {
    process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
// Its parent is gone.
process.on("disconnect", () => process.exit());

async function answerTo(order: LoadOrder): Promise<LoadAnswer> {
  switch (order.kind) {
    case "connect":
      client = await connect(order.peer, order.address, order.setting);
      return {};
    case "enqueue":
      return enqueue(connected(), order);
    case "drain":
      return drain(connected(), order.tasks, order.concurrency);
    case "maintain":
      await connected().maintain?.();
      return {};
    case "favourDelay":
      connected().favourDelay?.();
      return {};
    case "listen":
      return listen(connected(), order.concurrency);
    case "nextDelay":
      return { ms: await nextDelay() };
    case "enqueueTimed":
      await connected().enqueue(timedText());
      return {};
  }
}

async function connect(name: string, address: string, setting: string): Promise<PeerClient> {
  const peer = peerNamed(name);
  const durability = peer?.durabilities.find((each) => each.setting === setting);
  if (peer === undefined || durability === undefined) throw new Error(`no system ${name} with ${setting}`);
  return peer.connect(address, durability);
}

function connected(): PeerClient {
  if (client === null) throw new Error("not connected");
  return client;
}

/** Keeps calls in flight, and measures to the last confirm. */
async function enqueue(to: PeerClient, { inFlight, batch, mostTasks, mostMs }: EnqueueOrder): Promise<LoadAnswer> {
  const payloads = Array.from({ length: batch }, () => textPayload);
  const call = batch === 1 ? () => to.enqueue(textPayload) : () => to.enqueueBatch(payloads);
  const beganMs = performance.now();
  let tasks = 0;
  async function lane(): Promise<void> {
    while (tasks < mostTasks && performance.now() - beganMs < mostMs) {
      tasks += batch;
      await call();
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane));
  return { tasks, ms: performance.now() - beganMs };
}

/** Measures from the first task that is handed to a handler to the last acknowledgement. */
async function drain(from: PeerClient, tasks: number, concurrency: number): Promise<LoadAnswer> {
  let handled = 0;
  let beganMs = 0;
  let onAll: () => void = () => undefined;
  const all = new Promise<void>((resolve) => {
    onAll = resolve;
  });
  const worker: PeerWorker = await from.work(concurrency, () => {
    if (handled === 0) beganMs = performance.now();
    handled++;
    if (handled === tasks) onAll();
  });
  await all;
  await worker.settled();
  const ms = performance.now() - beganMs;
  await worker.stop();
  return { tasks, ms };
}

async function listen(to: PeerClient, concurrency: number): Promise<LoadAnswer> {
  const worker = await to.work(concurrency, (payload) => {
    const delay = ageOf(payload);
    void report(delay);
  });
  async function report(delay: number): Promise<void> {
    await worker.settled();
    delays.push(delay);
    onDelay();
  }
  return {};
}

async function nextDelay(): Promise<number> {
  while (delays.length === 0) {
    await new Promise<void>((resolve) => {
      onDelay = resolve;
    });
  }
  return delays.shift() ?? Number.NaN;
}
