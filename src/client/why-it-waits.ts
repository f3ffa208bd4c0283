import { type Task, TaskState } from "../../gen/sitq/v1/task_pb.js";
import type { SitqClient } from "./connection.ts";

/** How long the question may take, in milliseconds. */
const callTimeoutMs = 1_000;

/** Why no worker takes a task, in words: `no worker is on the queue mial`; empty: one will, or that is not known. */
export async function whyItWaits(
  client: Pick<SitqClient, "queue">,
  { state, queue: name, type }: Task,
  signal?: AbortSignal,
): Promise<string> {
  if (state !== TaskState.PENDING) return "";
  // Asked beside what is waited for: without an answer the wait goes on all the same.
  const answer = await client.queue.getQueue({ name }, { timeoutMs: callTimeoutMs, signal }).catch(() => null);
  const { paused = false, statistics } = answer?.queue ?? {};
  if (paused) return `the queue ${name} is paused`;
  if (statistics === undefined) return "";
  if (statistics.workers === 0) return `no worker is on the queue ${name}`;
  const isUnhandled = statistics.unhandledTypes.some((each) => each.type === type);
  return isUnhandled ? `no worker on the queue ${name} handles ${type}` : "";
}
