import { status as statusCode } from "@grpc/grpc-js";
import type { Event } from "../../../gen/sitq/v1/event_pb.js";
import { PublishBatchRequestSchema, type PublishResult } from "../../../gen/sitq/v1/event_service_pb.js";
import { CallError } from "../../grpc/client/call-error.ts";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import { unlessSplit } from "../connection/batcher.ts";
import type { SitqClient } from "../connection/connection.ts";
import { type EncodedItem, messageOfItems } from "../connection/encoded-items.ts";
import { itemError } from "../connection/item-error.ts";
import { createRequestIds } from "../connection/request-ids.ts";
import { retryCall } from "../connection/retry-call.ts";
import { Sender } from "../connection/sender.ts";
import { traceOf } from "../tracing/event-trace.ts";
import { type SentMessage, spanning, startSend, startSendAll } from "../tracing/send-span.ts";
import { type EventDefinition, type EventOptions, encodeNewEvent, eventFrom, eventOptionNames } from "./new-event.ts";

/** How a publisher sends. */
export interface PublisherOptions {
  /**
   * How long a publication is repeated when the server is out of reach or its answer is lost, in milliseconds; 0: not at all.
   * A repeat makes no second event. Default 30,000.
   */
  readonly retryTimeoutMs?: number;
  /** How long one call may take before it is repeated, in milliseconds. Default 10,000. */
  readonly callTimeoutMs?: number;
}

const optionNames: OptionNames<PublisherOptions> = { retryTimeoutMs: true, callTimeoutMs: true };

/** What can be said of one publication. */
export interface PublishOptions extends EventOptions {
  /** Stops waiting for the answer, with the signal's reason. An event that was sent by then may be stored all the same. */
  readonly signal?: AbortSignal;
}

/** How an answer is waited for. */
interface AnswerOptions {
  readonly signal?: AbortSignal;
}

const answerOptionNames: OptionNames<AnswerOptions> = { signal: true };
const publishOptionNames: OptionNames<PublishOptions> = { ...eventOptionNames, ...answerOptionNames };

/** An event that is on the server's disk. */
export interface PublishedEvent {
  readonly id: string;
  readonly type: string;
  readonly sourceService: string;
  /** Its place among all events. */
  readonly position: string;
  /** This publication stored it. False: the source had published it before. */
  readonly created: boolean;
  /** How many subscriptions it was delivered to when it was stored. 0: no subscription matched. */
  readonly deliveredTo: number;
}

/** The answer to one event of `publishAll`. */
export type PublishAnswer =
  | { readonly event: PublishedEvent; readonly error: null }
  | { readonly event: null; readonly error: CallError };

/**
 * Publishes events. Each call resolves once its event is on the server's disk, with a delivery for each subscription that
 * matches. Calls that are made in one turn of the event loop, or while others are under way, share a batch on the wire; each still
 * gets its own answer.
 *
 * A call that fails rejects with a CallError.
 */
export interface Publisher {
  /** Publishes an event of a definition. */
  publish<Data>(event: EventDefinition<Data>, data: Data, options?: PublishOptions): Promise<PublishedEvent>;
  /** Publishes an event of a bare type; the data is a JSON value, a Uint8Array, or nothing. */
  publish(type: string, data?: unknown, options?: PublishOptions): Promise<PublishedEvent>;
  /** Publishes what `newEvent` or `fromCloudEvent` made. */
  publish(event: Event, options?: AnswerOptions): Promise<PublishedEvent>;
  /**
   * Publishes events in one batch that commits at once: at most 1000, and 3 MiB in all. An event that the server refuses does
   * not refuse the others: look at each answer.
   */
  publishAll(events: readonly Event[], options?: AnswerOptions): Promise<PublishAnswer[]>;
  /** Resolves when no publication waits for its answer. */
  flush(): Promise<void>;
  /** Accepts no more calls and resolves when no publish waits for its answer. Idempotent. */
  close(): Promise<void>;
}

/**
 * Makes a publisher. Close it before its client.
 *
 * @throws CallError INVALID_ARGUMENT of an option that there is not
 */
export function createPublisher(client: SitqClient, options: PublisherOptions = {}): Publisher {
  refuseUnknown(options, optionNames);
  const { retryTimeoutMs = 30_000, callTimeoutMs = 10_000 } = options;
  const nextId = createRequestIds();
  const tries = client.outages.follow("a publication");
  const sender = new Sender({ owner: "publisher", items: "events", sendBatch: send, retryTimeoutMs });

  async function send(items: readonly EncodedItem[], untilMs: number | null): Promise<readonly PublishResult[]> {
    const batch = messageOfItems(PublishBatchRequestSchema, items);
    const call = () => client.event.publishBatch(batch, { timeoutMs: callTimeoutMs });
    const { results } = await retryCall(call, {
      tries,
      timeoutMs: retryTimeoutMs,
      untilMs,
      unless: unlessSplit(items),
    });
    return results;
  }

  function encode(event: Event, trace?: Readonly<Record<string, string>> | null) {
    sender.assertOpen();
    const isGenerated = event.id === "";
    const source = event.sourceService || client.service;
    return { isGenerated, item: encodeNewEvent(event, event.id || nextId(), source, trace) };
  }

  async function publish(what: Event | EventDefinition<never> | string, second?: unknown, third?: PublishOptions) {
    const isMade = typeof what === "object" && "$typeName" in what;
    // The overloads of Publisher say what comes second.
    const options = ((isMade ? second : third) ?? {}) as PublishOptions;
    refuseUnknown<object>(options, isMade ? answerOptionNames : publishOptionNames);
    const { signal } = options;
    signal?.throwIfAborted();
    const made = isMade ? what : eventFrom(what, second, options);
    return spanning(startSend(client, made, sentEvent), async (span) => {
      const { isGenerated, item } = encode(made, span?.headersOf(0));
      const { event, error } = await sender.send(item, (result) => answerOf(result, isGenerated), signal);
      if (error !== null) throw error;
      span?.answered(0, event.id, null);
      return event;
    });
  }

  return {
    publish,
    async publishAll(events, options = {}) {
      refuseUnknown(options, answerOptionNames);
      const { signal } = options;
      signal?.throwIfAborted();
      return spanning(startSendAll(client, events, sentEvent), async (span) => {
        const encoded = events.map((event, index) => encode(event, span?.headersOf(index)));
        const results = await sender.sendAll(
          encoded.map(({ item }) => item),
          signal,
        );
        return encoded.map(({ isGenerated }, index) => {
          const answer = answerOf(results[index], isGenerated);
          span?.answered(index, answer.event?.id ?? "", answer.error);
          return answer;
        });
      });
    },
    flush: () => sender.flush(),
    close: () => sender.close(),
  };
}

/** What the span of a publication says of its event. */
function sentEvent({ type, correlationId, attributes }: Event): SentMessage {
  return { destination: type, correlationId, headers: traceOf(attributes) };
}

/** A generated id is unique: a retry that finds the event reports the first try. */
function answerOf(result: PublishResult | undefined, isGenerated: boolean): PublishAnswer {
  const stored = result?.event;
  if (stored === undefined) {
    const missing = () => new CallError("The server did not answer for this event.", { code: statusCode.INTERNAL });
    return { event: null, error: result?.error ? itemError(result.error) : missing() };
  }
  const { id, type, sourceService, position } = stored;
  const created = result?.created === true || isGenerated;
  return { event: { id, type, sourceService, position, created, deliveredTo: result?.deliveredTo ?? 0 }, error: null };
}
