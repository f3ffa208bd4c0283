import { type Subscription, SubscriptionSchema } from "../../../gen/sitq/v1/event_service_pb.js";
import { invalid } from "../../grpc/client/invalid.ts";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import type { SitqClient } from "../connection/connection.ts";
import { retryCall } from "../connection/retry-call.ts";
import type { TaskDefinition } from "../tasks/task-definition.ts";
import { fromPlain, type PlainOptions } from "../views/from-plain.ts";
import { type Handler, handle } from "../worker/handlers.ts";
import { createWorker, type Worker } from "../worker/worker.ts";
import { type WorkerOptions, workerOptionNames } from "../worker/worker-options.ts";
import { type EventStartOption, eventStart } from "./watch-events.ts";

/** What a subscription can say beside its name and its types. */
type SubscriptionSettings = Pick<
  PlainOptions<Subscription>,
  "queue" | "orderingKey" | "maxAttempts" | "retryPolicy" | "attemptTimeoutMs"
>;

/** What is subscribed to, and how it is handled. */
export interface SubscribeOptions<Data>
  extends SubscriptionSettings,
    Omit<WorkerOptions, "queues" | "handlers" | "fallback"> {
  /** The subscription's name; also its queue's name, unless `queue` is given. */
  readonly name: string;
  /** The type of events, with the type of their data. Not together with `types`. */
  readonly event?: TaskDefinition<never, Data, never, unknown>;
  /** Patterns of types: `order.*`, `order.**`. Not together with `event`. */
  readonly types?: readonly string[];
  /** What else of the events must match. Default: nothing. */
  readonly filter?: Omit<NonNullable<PlainOptions<Subscription>["filter"]>, "types">;
  /** Where a subscription that is not there yet begins. */
  readonly from: EventStartOption;
  /** Called for each event; `context.task.event` is the event. What it answers stands in the delivery report. */
  readonly handler: Handler<Data, unknown>;
}

const { queues: _queues, handlers: _handlers, fallback: _fallback, ...workerNames } = workerOptionNames;

const optionNames: OptionNames<SubscribeOptions<unknown>> = {
  ...workerNames,
  name: true,
  event: true,
  types: true,
  filter: true,
  from: true,
  handler: true,
  queue: true,
  orderingKey: true,
  maxAttempts: true,
  retryPolicy: true,
  attemptTimeoutMs: true,
};

/** A subscription, and the worker that handles its events. */
export interface RunningSubscription {
  readonly name: string;
  /** This call created the subscription. False: it was there already. */
  readonly created: boolean;
  readonly worker: Worker;
  /** Stops the worker, as its own `stop` does. The subscription stays, and its events wait for the next start. Idempotent. */
  stop(options?: { readonly graceMs?: number }): Promise<void>;
}

/** How long the server may be out of reach, in milliseconds. */
const retryTimeoutMs = 30_000;

/**
 * Creates a durable subscription, unless it is there, and starts a worker of its queue. A service calls it at each start.
 *
 * @throws CallError INVALID_ARGUMENT of an option; ALREADY_EXISTS with SUBSCRIPTION_EXISTS if the name has other content
 */
export async function subscribe<Data = unknown>(
  client: SitqClient,
  options: SubscribeOptions<Data>,
): Promise<RunningSubscription> {
  refuseUnknown(options, optionNames);
  const { name, event, types, filter = {}, from, handler, ...rest } = options;
  const { queue = name, orderingKey, maxAttempts, retryPolicy, attemptTimeoutMs, ...workerOptions } = rest;
  if ((event === undefined) === (types === undefined))
    throw invalid("types", "event or types is required, and not both");
  const wanted = { ...filter, types: event === undefined ? (types ?? []) : [event.type] };
  const settings = { name, queue, orderingKey, maxAttempts, retryPolicy, attemptTimeoutMs, filter: wanted };
  const request = { subscription: fromPlain(SubscriptionSchema, "subscription", settings), start: eventStart(from) };
  const worker = createWorker(client, {
    ...workerOptions,
    queues: [queue],
    ...(event === undefined
      ? // Without a definition the data are plain values, whatever `Data` was said to be.
        { handlers: [], fallback: handler as Handler<unknown, unknown> }
      : { handlers: [handle(event as TaskDefinition<never, Data, unknown, unknown>, handler)] }),
  });
  const call = () => client.event.createSubscription(request, { timeoutMs: 10_000 });
  const tries = client.outages.follow(`the subscription ${name}`);
  const { created } = await retryCall(call, { tries, timeoutMs: retryTimeoutMs });
  await worker.start();
  return { name, created, worker, stop: (stopOptions) => worker.stop(stopOptions) };
}
