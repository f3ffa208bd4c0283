import { status as statusCode } from "@grpc/grpc-js";
import { orAborted } from "../../async/signals.ts";
import { limits } from "../../contract/limits.ts";
import { CallError, callErrorFrom } from "../../grpc/client/call-error.ts";
import { Batcher, helpsToSplit, type SendBatch } from "./batcher.ts";
import { bytesOf, type EncodedItem } from "./encoded-items.ts";

/** What a sender sends, and for which object. */
export interface SenderOptions<Result> {
  /** The object that it sends for, as refusals after its end name it: `producer`. */
  readonly owner: string;
  /** What it sends: `tasks`. */
  readonly items: string;
  readonly sendBatch: SendBatch<Result>;
  /** How long after its first failure something is sent again, in milliseconds. */
  readonly retryTimeoutMs: number;
}

/** Sends items that are answered one by one: in batches that they share, or together in one of their own. */
export class Sender<Result> {
  readonly #options: SenderOptions<Result>;
  readonly #batcher: Batcher<Result>;
  /** The batches of their own that are not answered. */
  readonly #sentAlone = new Set<Promise<unknown>>();
  #closed = false;

  constructor(options: SenderOptions<Result>) {
    this.#options = options;
    this.#batcher = new Batcher(options.sendBatch, options.retryTimeoutMs);
  }

  /** @throws CallError CLOSED */
  assertOpen(): void {
    if (!this.#closed) return;
    const text = `The ${this.#options.owner} is closed.`;
    throw new CallError(text, { code: statusCode.FAILED_PRECONDITION, reason: "CLOSED" });
  }

  /** Sends one in a shared batch; see `Batcher.add`. */
  send<T>(item: EncodedItem, read: (result: Result | undefined) => T, signal: AbortSignal | undefined): Promise<T> {
    return this.#batcher.add(item, read, signal);
  }

  /**
   * Sends several in one batch, and in parts if that is larger than the server takes or does not get through in time.
   *
   * @throws CallError INVALID_ARGUMENT if they do not fit
   */
  async sendAll(items: readonly EncodedItem[], signal: AbortSignal | undefined): Promise<readonly Result[]> {
    return this.#sendAlone(items, () => this.#sendParts(items, null), signal);
  }

  /** Sends several in one batch of the caller's own making, never in parts. @throws CallError INVALID_ARGUMENT if they do not fit */
  async sendWhole(
    items: readonly EncodedItem[],
    send: () => Promise<readonly Result[]>,
    signal: AbortSignal | undefined,
  ): Promise<readonly Result[]> {
    return this.#sendAlone(items, send, signal);
  }

  /** Resolves when nothing waits for its answer. */
  async flush(): Promise<void> {
    await Promise.allSettled([this.#batcher.flushed(), ...this.#sentAlone]);
  }

  /** Accepts no more items and resolves when none waits for its answer. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
  }

  async #sendParts(batch: readonly EncodedItem[], untilMs: number | null): Promise<readonly Result[]> {
    try {
      return await this.#options.sendBatch(batch, untilMs);
    } catch (thrown) {
      const error = callErrorFrom(thrown);
      const until = untilMs ?? performance.now() + this.#options.retryTimeoutMs;
      if (!helpsToSplit(error, { count: batch.length, bytes: bytesOf(batch) }, until)) throw error;
      const half = Math.ceil(batch.length / 2);
      const first = await this.#sendParts(batch.slice(0, half), until);
      return [...first, ...(await this.#sendParts(batch.slice(half), until))];
    }
  }

  #sendAlone(
    batch: readonly EncodedItem[],
    send: () => Promise<readonly Result[]>,
    signal: AbortSignal | undefined,
  ): Promise<readonly Result[]> {
    if (batch.length === 0) return Promise.resolve([]);
    const bytes = bytesOf(batch);
    if (batch.length > limits.batchSize || bytes > limits.messageBytes) {
      const text = `requests: ${batch.length} ${this.#options.items} of ${bytes} bytes; at most ${limits.batchSize} of ${limits.messageBytes} bytes fit`;
      throw new CallError(text, { code: statusCode.INVALID_ARGUMENT, reason: "INVALID_FIELD", field: "requests" });
    }
    const sending = send();
    this.#sentAlone.add(sending);
    const forget = () => this.#sentAlone.delete(sending);
    sending.then(forget, forget);
    return orAborted(sending, signal);
  }
}
