import { status as statusCode } from "@grpc/grpc-js";
import { CallError } from "../rpc/adapter/call-error.ts";
import { orAborted } from "./abort.ts";
import { createBatcher, type SendBatch } from "./batcher.ts";
import { type EncodedItem, itemLimits } from "./encoded-items.ts";

/** Sends items that are answered one by one: in batches that they share, or together in one of their own. */
export interface Sender<Result> {
  /** @throws CallError CLOSED */
  assertOpen(): void;
  /** Sends one in a shared batch; `undefined`: the server left its answer out. An abort takes it back if it was not sent yet. */
  send(item: EncodedItem, signal: AbortSignal | undefined): Promise<Result | undefined>;
  /** Sends several in one batch. @throws CallError INVALID_ARGUMENT if they do not fit */
  sendAll(items: readonly EncodedItem[], signal: AbortSignal | undefined): Promise<readonly Result[]>;
  /** Resolves when nothing waits for its answer. */
  flush(): Promise<void>;
  /** Takes nothing more, and resolves when nothing waits for its answer. Idempotent. */
  close(): Promise<void>;
}

/**
 * Makes a sender that is open.
 *
 * @param owner whose it is, for the refusal of what comes after its end: `producer`
 * @param items what it sends: `tasks`
 */
export function createSender<Result>(owner: string, items: string, sendBatch: SendBatch<Result>): Sender<Result> {
  const batcher = createBatcher(sendBatch);
  const sentAlone = new Set<Promise<unknown>>();
  let closed = false;

  async function flush(): Promise<void> {
    await Promise.allSettled([batcher.flushed(), ...sentAlone]);
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

    async sendAll(batch, signal) {
      if (batch.length === 0) return [];
      const bytes = batch.reduce((sum, item) => sum + item.length, 0);
      if (batch.length > itemLimits.count || bytes > itemLimits.bytes) {
        const text = `requests: ${batch.length} ${items} of ${bytes} bytes; at most ${itemLimits.count} of ${itemLimits.bytes} bytes fit`;
        throw new CallError(text, { code: statusCode.INVALID_ARGUMENT, reason: "INVALID_FIELD", field: "requests" });
      }
      const sending = sendBatch(batch);
      sentAlone.add(sending);
      const forget = () => sentAlone.delete(sending);
      sending.then(forget, forget);
      return orAborted(sending, signal);
    },

    flush,
    async close() {
      closed = true;
      await flush();
    },
  };
}
