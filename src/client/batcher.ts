import { status as statusCode } from "@grpc/grpc-js";
import { type CallError, callErrorFrom } from "../rpc/adapter/call-error.ts";
import { type Deferred, deferred } from "./deferred.ts";
import { type EncodedItem, itemLimits, leastMessageBytes } from "./encoded-items.ts";

/** Sends one batch and answers for each of its items, in order. It may repeat it. */
export type SendBatch<Result> = (items: readonly EncodedItem[]) => Promise<readonly Result[]>;

/**
 * Gathers what comes one by one into batches.
 *
 * A batch leaves at the end of the turn of the event loop, and at most `batchesUnderWay` are out at a time; while they are,
 * the next one fills. So one item that is awaited costs no delay, and many at a time share calls, commits and fsyncs.
 */
export interface Batcher<Result> {
  /** Adds an item; answers its result, `undefined` if the server left it out, and a way to take it back before it is sent. */
  add(item: EncodedItem): { readonly answer: Promise<Result | undefined>; withdraw(): boolean };
  /** Resolves when nothing waits and nothing is under way. */
  flushed(): Promise<void>;
}

/** Batches out at a time: while one commits, the next is read, and the third is on the wire. */
export const batchesUnderWay = 4;

interface Waiting<Result> {
  readonly item: EncodedItem;
  resolve(result: Result | undefined): void;
  reject(error: CallError): void;
}

/** A batcher with nothing in it. */
export function createBatcher<Result>(send: SendBatch<Result>): Batcher<Result> {
  let waiting: Waiting<Result>[] = [];
  let underWay = 0;
  let scheduled = false;
  let maxBytes: number = itemLimits.bytes;
  let idle: Deferred<void> | null = null;

  function schedule(): void {
    if (scheduled || waiting.length === 0 || underWay >= batchesUnderWay) return;
    scheduled = true;
    setImmediate(sendWaiting);
  }

  function sendWaiting(): void {
    scheduled = false;
    while (waiting.length > 0 && underWay < batchesUnderWay) {
      void sendBatch(waiting.splice(0, batchSize(waiting, maxBytes)));
    }
  }

  async function sendBatch(batch: readonly Waiting<Result>[]): Promise<void> {
    underWay++;
    try {
      const results = await send(batch.map(({ item }) => item));
      for (const [index, each] of batch.entries()) each.resolve(results[index]);
    } catch (thrown) {
      refused(batch, callErrorFrom(thrown));
    }
    underWay--;
    schedule();
    // After those who were answered have gone on: they may add more.
    if (idle !== null) setImmediate(tellIfIdle);
  }

  function tellIfIdle(): void {
    if (underWay > 0 || waiting.length > 0) return;
    idle?.resolve();
    idle = null;
  }

  function refused(batch: readonly Waiting<Result>[], error: CallError): void {
    const bytes = batch.reduce((sum, { item }) => sum + item.length, 0);
    // A refusal without a reason is gRPC's own: this server is set to take smaller messages.
    const tooLarge = error.code === statusCode.RESOURCE_EXHAUSTED && error.reason === null;
    if (!tooLarge || batch.length === 1 || bytes <= leastMessageBytes) {
      for (const each of batch) each.reject(error);
      return;
    }
    maxBytes = Math.max(leastMessageBytes, Math.min(maxBytes, Math.floor(bytes / 2)));
    waiting = [...batch, ...waiting];
  }

  return {
    add(item) {
      const { promise: answer, resolve, reject } = deferred<Result | undefined>();
      const entry = { item, resolve, reject };
      waiting.push(entry);
      schedule();
      return {
        answer,
        withdraw() {
          const index = waiting.indexOf(entry);
          if (index !== -1) waiting.splice(index, 1);
          return index !== -1;
        },
      };
    },

    flushed() {
      if (underWay === 0 && waiting.length === 0) return Promise.resolve();
      idle ??= deferred();
      return idle.promise;
    },
  };
}

/** How many of the items fit into one batch: one at least. */
function batchSize(waiting: readonly Waiting<unknown>[], maxBytes: number): number {
  let bytes = 0;
  let size = 0;
  for (const { item } of waiting) {
    bytes += item.length + 1;
    if (size > 0 && (bytes > maxBytes || size === itemLimits.count)) break;
    size++;
  }
  return size;
}
