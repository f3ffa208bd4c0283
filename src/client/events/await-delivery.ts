import { status as statusCode } from "@grpc/grpc-js";
import { CallError, callErrorFrom } from "../../grpc/client/call-error.ts";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import type { SitqClient } from "../connection/connection.ts";
import { retryCall } from "../connection/retry-call.ts";
import { type AwaitOptions, awaitEnd } from "../tasks/await-end.ts";
import { type AwaitTaskOptions, awaitTask } from "../tasks/await-task.ts";
import { named, whyUnfinished } from "../tasks/why-it-waits.ts";
import { type DeliveryRecord, type EventReport, eventReport } from "../views/read-events.ts";

/** How long a delivery is waited for. */
export interface AwaitDeliveryOptions extends AwaitOptions {
  /** The event's source, where two sources may have published under one id. Default: that of the event that was published, or any. */
  readonly sourceService?: string;
  /** How long the server may be out of reach, in milliseconds. Default 30,000. */
  readonly retryTimeoutMs?: number;
}

const optionNames: OptionNames<AwaitDeliveryOptions> = {
  timeoutMs: true,
  signal: true,
  sourceService: true,
  retryTimeoutMs: true,
};

const finished: readonly DeliveryRecord["state"][] = ["COMPLETED", "FAILED", "CANCELLED"];

/**
 * Waits until an event is delivered to each of its subscriptions, well or not, through restarts of the server.
 *
 * @param event what `publish` answered, or its id
 * @returns its report: for each subscription the state of its delivery with the result or the error; an event without subscribers
 *   has none
 * @throws CallError DEADLINE_EXCEEDED with EVENT_NOT_DELIVERED after `timeoutMs`, NOT_FOUND; the signal's reason
 */
export async function awaitDelivery(
  client: Pick<SitqClient, "event" | "queue" | "outages" | "log">,
  event: { readonly id: string; readonly sourceService: string } | string,
  options: AwaitDeliveryOptions = {},
): Promise<EventReport> {
  refuseUnknown(options, optionNames);
  const eventId = typeof event === "string" ? event : event.id;
  const { sourceService = typeof event === "string" ? "" : event.sourceService } = options;
  const { retryTimeoutMs = 30_000, timeoutMs, signal } = options;
  const tries = client.outages.follow(`the wait for the event ${eventId}`);

  async function look(leftMs: number, former: EventReport | null): Promise<EventReport> {
    const [first] = former === null ? [] : openOf(former);
    if (first !== undefined) await ended(client, first, leftMs, { retryTimeoutMs, ...(signal && { signal }) });
    const call = () => client.event.getEvent({ eventId, sourceService }, { timeoutMs: 10_000, signal });
    return eventReport(await retryCall(call, { tries, timeoutMs: retryTimeoutMs, signal }));
  }

  return awaitEnd(
    {
      look,
      endOf: (report) => (openOf(report).length === 0 ? report : null),
      async notEnded(report) {
        const why = await whyUndelivered(client, openOf(report), signal);
        const text = `The event ${eventId} was not delivered to each subscription within ${timeoutMs} ms: ${why}.`;
        return new CallError(text, { code: statusCode.DEADLINE_EXCEEDED, reason: "EVENT_NOT_DELIVERED" });
      },
    },
    options,
  );
}

function openOf({ deliveries }: EventReport): readonly DeliveryRecord[] {
  return deliveries.filter(({ state }) => !finished.includes(state));
}

/** How long the last look at a delivery may take, in milliseconds. */
const lookTimeoutMs = 1_000;

/** What the deliveries wait for, by their subscriptions: `billing is PENDING: no worker is on the queue "billing"`. */
function whyUndelivered(
  client: Pick<SitqClient, "queue">,
  open: readonly DeliveryRecord[],
  signal?: AbortSignal,
): Promise<string> {
  const all = open.map(({ subscription, state, taskId }) => ({ name: `${subscription} is ${state}`, taskId }));
  return named(all, async ({ taskId }) => {
    const call = { timeoutMs: lookTimeoutMs, signal };
    const answer = await client.queue.getTask({ taskId }, call).catch(() => null);
    return answer?.task === undefined ? "" : whyUnfinished(client, answer.task, signal);
  });
}

/** Resolves when a delivery is finished, its task is gone or the time is over: the next report tells which. */
async function ended(
  client: Pick<SitqClient, "queue" | "outages" | "log">,
  { taskId }: DeliveryRecord,
  leftMs: number,
  options: AwaitTaskOptions,
): Promise<void> {
  try {
    await awaitTask(client, taskId, { ...options, ...(leftMs < Number.POSITIVE_INFINITY && { timeoutMs: leftMs }) });
  } catch (thrown) {
    options.signal?.throwIfAborted();
    const error = callErrorFrom(thrown);
    if (error.reason !== "TASK_NOT_FINISHED" && error.reason !== "TASK_NOT_FOUND") throw error;
  }
}
