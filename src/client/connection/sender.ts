import { status as statusCode } from "@grpc/grpc-js";
import { orAborted } from "../../async/signals.ts";
import { limits } from "../../contract/limits.ts";
import { CallError, callErrorFrom } from "../../grpc/client/call-error.ts";
import { createBatcher, isOutOfTime, type SendBatch } from "./batcher.ts";
import type { EncodedItem } from "./encoded-items.ts";
import { tooLargeBy } from "./too-large.ts";

/** Sends items that are answered one by one: in batches that they share, or together in one of their own. */
export interface Sender<Result> {
  /** @throws CallError CLOSED */
  assertOpen(): void;
  /** Sends one in a shared batch; `undefined`: the server left its answer out. An abort takes it back if it was not sent yet. */
  send(item: EncodedItem, signal: AbortSignal | undefined): Promise<Result | undefined>;
  /** Sends several in one batch, and in parts if that is larger than the server takes or does not get through in time. @throws CallError INVALID_ARGUMENT if they do not fit */
  sendAll(items: readonly EncodedItem[], signal: AbortSignal | undefined): Promise<readonly Result[]>;
  /** Sends several in one batch of the caller's own making, never in parts. @throws CallError INVALID_ARGUMENT if they do not fit */
  sendWhole(
    items: readonly EncodedItem[],
    send: () => Promise<readonly Result[]>,
    signal: AbortSignal | undefined,
  ): Promise<readonly Result[]>;
  /** Resolves when nothing waits for its answer. */
  flush(): Promise<void>;
  /** Takes nothing more, and resolves when nothing waits for its answer. Idempotent. */
  close(): Promise<void>;
}

/** What of a batch's failures is not repeated as it is: what did not get through in time is sent in parts. */
export function partsOf(items: readonly EncodedItem[]): ((error: CallError) => boolean) | undefined {
  return items.length > 1 ? isOutOfTime : undefined;
}

/**
 * Makes a sender that is open.
 *
 * @param owner whose it is, for the refusal of what comes after its end: `producer`
 * @param items what it sends: `tasks`
 * @param retryTimeoutMs how long after its first failure something is sent again, in milliseconds
 */
export function createSender<Result>(
  owner: string,
  items: string,
  sendBatch: SendBatch<Result>,
  retryTimeoutMs: number,
): Sender<Result> {
  const batcher = createBatcher(sendBatch, retryTimeoutMs);
  const sentAlone = new Set<Promise<unknown>>();
  let closed = false;

  async function flush(): Promise<void> {
    await Promise.allSettled([batcher.flushed(), ...sentAlone]);
  }

  async function sendParts(batch: readonly EncodedItem[], untilMs: number | null): Promise<readonly Result[]> {
    try {
      return await sendBatch(batch, untilMs);
    } catch (thrown) {
      const error = callErrorFrom(thrown);
      const until = untilMs ?? performance.now() + retryTimeoutMs;
      const inTime = isOutOfTime(error) && performance.now() < until;
      if (batch.length === 1 || !(inTime || tooLargeBy(error) !== null)) throw error;
      const half = Math.ceil(batch.length / 2);
      const first = await sendParts(batch.slice(0, half), until);
      return [...first, ...(await sendParts(batch.slice(half), until))];
    }
  }

  function sendAlone(
    batch: readonly EncodedItem[],
    send: () => Promise<readonly Result[]>,
    signal: AbortSignal | undefined,
  ): Promise<readonly Result[]> {
    if (batch.length === 0) return Promise.resolve([]);
    const bytes = batch.reduce((sum, item) => sum + item.length, 0);
    if (batch.length > limits.batchSize || bytes > limits.messageBytes) {
      const text = `requests: ${batch.length} ${items} of ${bytes} bytes; at most ${limits.batchSize} of ${limits.messageBytes} bytes fit`;
      throw new CallError(text, { code: statusCode.INVALID_ARGUMENT, reason: "INVALID_FIELD", field: "requests" });
    }
    const sending = send();
    sentAlone.add(sending);
    const forget = () => sentAlone.delete(sending);
    sending.then(forget, forget);
    return orAborted(sending, signal);
  }

  return {
    assertOpen() {
      if (!closed) return;
      throw new CallError(`The ${owner} is closed.`, { code: statusCode.FAILED_PRECONDITION, reason: "CLOSED" });
    },

    send(item, signal) {
      const { answer, withdraw } = batcher.add(item);
      return orAborted(answer, signal, withdraw);
    },

    sendAll: async (batch, signal) => sendAlone(batch, () => sendParts(batch, null), signal),
    sendWhole: async (batch, send, signal) => sendAlone(batch, send, signal),

    flush,
    async close() {
      closed = true;
      await flush();
    },
  };
}
