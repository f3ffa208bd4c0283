import { status as statusCode } from "@grpc/grpc-js";
import { type Deferred, deferred } from "../../async/deferred.ts";
import { orAborted } from "../../async/signals.ts";
import { limits } from "../../contract/limits.ts";
import { countWithin } from "../../contract/message-size.ts";
import { type CallError, callErrorFrom } from "../../grpc/client/call-error.ts";
import { type EncodedItem, leastMessageBytes } from "./encoded-items.ts";
import { tooLargeBy } from "./too-large.ts";

/**
 * Sends one batch and returns the result of each item, in order. It may repeat the batch until `untilMs`, by `performance.now()`,
 * but not one of several items that did not get through in time: the caller sends that in parts.
 */
export type SendBatch<Result> = (items: readonly EncodedItem[], untilMs: number | null) => Promise<readonly Result[]>;

/** Batches out at a time: while one commits, the next is read, and the third is on the wire. */
export const batchesUnderWay = 4;

interface Waiting<Result> {
  readonly item: EncodedItem;
  /** Makes of the result what `resolve` takes. */
  read(result: Result | undefined): unknown;
  resolve(value: unknown): void;
  reject(error: unknown): void;
  /** Until when it is repeated, by `performance.now()`; `null`: it has not failed yet. */
  untilMs: number | null;
}

/** A batch that took no longer than this got through quickly, in milliseconds. */
const quickMs = 1_000;

/**
 * Gathers what comes one by one into batches.
 *
 * A batch leaves at the end of the turn of the event loop, and at most `batchesUnderWay` are out at a time; while they are,
 * the next one fills. So one item that is awaited costs no delay, and many at a time share calls, commits and fsyncs.
 *
 * A batch that is larger than the server takes, or did not get through in time, is sent again in halves; after the second the
 * batches grow again as soon as they get through quickly. What is repeated makes nothing twice: items carry ids.
 */
export class Batcher<Result> {
  readonly #send: SendBatch<Result>;
  readonly #retryTimeoutMs: number;
  /** What is not under way, in order. */
  #waiting: Waiting<Result>[] = [];
  /** Batches that are out. */
  #underWay = 0;
  /** Whether what waits is sent at the end of this turn. */
  #scheduled = false;
  /** What the server takes in one message. */
  #mostBytes: number = limits.messageBytes;
  /** What gets through in time. */
  #maxBytes: number = limits.messageBytes;
  #idle: Deferred<void> | null = null;

  /** @param retryTimeoutMs how long after its first failure an item is sent again, in milliseconds */
  constructor(send: SendBatch<Result>, retryTimeoutMs: number) {
    this.#send = send;
    this.#retryTimeoutMs = retryTimeoutMs;
  }

  /**
   * Adds an item. An abort takes it back if it was not sent yet, and rejects with the signal's reason.
   *
   * @param read makes of its result what it resolves with: one promise an item, where many are under way. `undefined`: the server left
   *   the item out
   */
  add<T>(item: EncodedItem, read: (result: Result | undefined) => T, signal?: AbortSignal): Promise<T> {
    const answer = new Promise<T>((resolve, reject) => {
      this.#waiting.push({ item, read, resolve: resolve as (value: unknown) => void, reject, untilMs: null });
    });
    const entry = signal && this.#waiting.at(-1);
    this.#schedule();
    return entry === undefined ? answer : orAborted(answer, signal, () => this.#withdraw(entry));
  }

  /** Resolves when nothing waits and nothing is under way. */
  flushed(): Promise<void> {
    if (this.#underWay === 0 && this.#waiting.length === 0) return Promise.resolve();
    this.#idle ??= deferred();
    return this.#idle.promise;
  }

  #withdraw(entry: Waiting<Result>): void {
    const index = this.#waiting.indexOf(entry);
    if (index !== -1) this.#waiting.splice(index, 1);
  }

  #schedule(): void {
    if (this.#scheduled || this.#waiting.length === 0 || this.#underWay >= batchesUnderWay) return;
    this.#scheduled = true;
    setImmediate(this.#sendWaiting);
  }

  readonly #sendWaiting = (): void => {
    this.#scheduled = false;
    while (this.#waiting.length > 0 && this.#underWay < batchesUnderWay) {
      const bounds = { maxBytes: this.#maxBytes, maxCount: limits.batchSize };
      void this.#sendBatch(this.#waiting.splice(0, countWithin(this.#waiting, bytesOf, bounds)));
    }
  };

  async #sendBatch(batch: readonly Waiting<Result>[]): Promise<void> {
    this.#underWay++;
    const beginMs = performance.now();
    const untilMs = batch.reduce<number | null>((most, each) => later(most, each.untilMs), null);
    try {
      const results = await this.#send(
        batch.map(({ item }) => item),
        untilMs,
      );
      const isQuick = performance.now() - beginMs < quickMs;
      if (isQuick && this.#maxBytes < this.#mostBytes) this.#maxBytes = Math.min(this.#mostBytes, this.#maxBytes * 2);
      for (let index = 0; index < batch.length; index++) answer(batch[index] as Waiting<Result>, results[index]);
    } catch (thrown) {
      this.#refused(batch, callErrorFrom(thrown));
    }
    this.#underWay--;
    this.#schedule();
    // Later, since callers that have their answers may add more.
    if (this.#idle !== null) setImmediate(this.#resolveIfIdle);
  }

  readonly #resolveIfIdle = (): void => {
    if (this.#underWay > 0 || this.#waiting.length > 0) return;
    this.#idle?.resolve();
    this.#idle = null;
  };

  /** Sends a batch again that can be sent in smaller parts, and rejects the rest. */
  #refused(batch: readonly Waiting<Result>[], error: CallError): void {
    const nowMs = performance.now();
    const bytes = batch.reduce((sum, each) => sum + bytesOf(each), 0);
    const size = { count: batch.length, bytes };
    const again = batch.filter((each) => {
      each.untilMs ??= nowMs + this.#retryTimeoutMs;
      if (helpsToSplit(error, size, each.untilMs)) return true;
      each.reject(error);
      return false;
    });
    if (again.length === 0) return;
    this.#maxBytes = Math.max(leastMessageBytes, Math.min(this.#maxBytes, Math.ceil(bytes / 2)));
    if (tooLargeBy(error) !== null) this.#mostBytes = this.#maxBytes;
    this.#waiting = [...again, ...this.#waiting];
  }
}

function answer<Result>({ read, resolve, reject }: Waiting<Result>, result: Result | undefined): void {
  try {
    resolve(read(result));
  } catch (error) {
    reject(error);
  }
}

/** How much a batch holds. */
export interface BatchSize {
  readonly count: number;
  readonly bytes: number;
}

/**
 * Whether it helps to send a batch that failed again in parts: it was larger than the server takes, or did not get through in time.
 *
 * @param untilMs until when items are sent again, by `performance.now()`
 */
export function helpsToSplit(error: CallError, { count, bytes }: BatchSize, untilMs: number): boolean {
  if (count < 2) return false;
  if (tooLargeBy(error) !== null) return bytes > leastMessageBytes;
  return isOutOfTime(error) && performance.now() < untilMs;
}

/** Which failures of a batch are not repeated as they are; its items are sent again in parts. */
export function unlessSplit(items: readonly EncodedItem[]): (error: CallError) => boolean {
  return (error) => items.length > 1 && isOutOfTime(error);
}

/** Whether a call did not get through before its deadline, or the server's for its first message. */
function isOutOfTime({ code }: CallError): boolean {
  return code === statusCode.DEADLINE_EXCEEDED;
}

function later(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

/** With its tag. */
function bytesOf({ item }: Waiting<unknown>): number {
  return item.length + 1;
}
