import { status as statusCode } from "@grpc/grpc-js";
import { type Deferred, deferred } from "../../async/deferred.ts";
import { limits } from "../../contract/limits.ts";
import { countWithin } from "../../contract/message-size.ts";
import { type CallError, callErrorFrom } from "../../grpc/client/call-error.ts";
import { type EncodedItem, leastMessageBytes } from "./encoded-items.ts";
import { tooLargeBy } from "./too-large.ts";

/**
 * Sends one batch and answers for each of its items, in order. It may repeat it until `untilMs`, by `performance.now()`; but a
 * batch of several items that did not get through in time it leaves to the caller, who has it sent in parts.
 */
export type SendBatch<Result> = (items: readonly EncodedItem[], untilMs: number | null) => Promise<readonly Result[]>;

/**
 * Gathers what comes one by one into batches.
 *
 * A batch leaves at the end of the turn of the event loop, and at most `batchesUnderWay` are out at a time; while they are,
 * the next one fills. So one item that is awaited costs no delay, and many at a time share calls, commits and fsyncs.
 *
 * A batch that is larger than the server takes, or did not get through in time, is sent again in halves; after the second the
 * batches grow again as soon as they get through quickly. What is repeated makes nothing twice: items carry ids.
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
  /** Until when it is repeated, by `performance.now()`; `null`: it has not failed yet. */
  untilMs: number | null;
}

/** A batch that took no longer than this got through quickly, in milliseconds. */
const quickMs = 1_000;

/**
 * A batcher with nothing in it.
 *
 * @param retryTimeoutMs how long after its first failure an item is sent again, in milliseconds
 */
export function createBatcher<Result>(send: SendBatch<Result>, retryTimeoutMs: number): Batcher<Result> {
  let waiting: Waiting<Result>[] = [];
  let underWay = 0;
  let scheduled = false;
  /** What the server takes in one message. */
  let mostBytes: number = limits.messageBytes;
  /** What gets through in time. */
  let maxBytes: number = limits.messageBytes;
  let idle: Deferred<void> | null = null;

  function schedule(): void {
    if (scheduled || waiting.length === 0 || underWay >= batchesUnderWay) return;
    scheduled = true;
    setImmediate(sendWaiting);
  }

  function sendWaiting(): void {
    scheduled = false;
    while (waiting.length > 0 && underWay < batchesUnderWay) {
      void sendBatch(waiting.splice(0, countWithin(waiting, bytesOf, { maxBytes, maxCount: limits.batchSize })));
    }
  }

  async function sendBatch(batch: readonly Waiting<Result>[]): Promise<void> {
    underWay++;
    const beginMs = performance.now();
    const untilMs = batch.reduce<number | null>((most, each) => later(most, each.untilMs), null);
    try {
      const results = await send(
        batch.map(({ item }) => item),
        untilMs,
      );
      if (maxBytes < mostBytes && performance.now() - beginMs < quickMs) maxBytes = Math.min(mostBytes, maxBytes * 2);
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
    const nowMs = performance.now();
    const tooLarge = tooLargeBy(error);
    const bytes = batch.reduce((sum, { item }) => sum + item.length + 1, 0);
    const again = batch.filter((each) => {
      each.untilMs ??= nowMs + retryTimeoutMs;
      const goesOn = tooLarge !== null ? bytes > leastMessageBytes : isOutOfTime(error) && nowMs < each.untilMs;
      if (batch.length > 1 && goesOn) return true;
      each.reject(error);
      return false;
    });
    if (again.length === 0) return;
    maxBytes = Math.max(leastMessageBytes, Math.min(maxBytes, Math.ceil(bytes / 2)));
    if (tooLarge !== null) mostBytes = maxBytes;
    waiting = [...again, ...waiting];
  }

  return {
    add(item) {
      const { promise: answer, resolve, reject } = deferred<Result | undefined>();
      const entry: Waiting<Result> = { item, resolve, reject, untilMs: null };
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

/** Whether a call did not get through before its deadline, or the server's for its first message. */
export function isOutOfTime({ code }: CallError): boolean {
  return code === statusCode.DEADLINE_EXCEEDED;
}

function later(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

/** With its tag. */
function bytesOf({ item }: Waiting<unknown>): number {
  return item.length + 1;
}
