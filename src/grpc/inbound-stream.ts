import { MalformedMessage } from "./codec.ts";

/** What of a grpc-js stream is needed to receive. */
interface Source<T> {
  read(): T | MalformedMessage | null;
  on(event: "readable" | "end", listener: () => void): unknown;
  off(event: "readable" | "end", listener: () => void): unknown;
}

interface Waiting<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: unknown): void;
}

/**
 * The messages of a grpc-js stream, for one reader, who sets the pace: unread ones stay with the sender, but for the few
 * that grpc-js reads ahead.
 *
 * Node's own iterator would do, but costs several promises for each message.
 */
export class InboundStream<T> implements AsyncIterableIterator<T, undefined> {
  readonly #source: Source<T>;
  readonly #abandon: (() => void) | undefined;
  #waiting: Waiting<T> | null = null;
  #failure: { readonly error: unknown } | null = null;
  #ended = false;
  #done = false;

  /** @param abandon called when the reader leaves before the end */
  constructor(source: Source<T>, abandon?: () => void) {
    this.#source = source;
    this.#abandon = abandon;
    source.on("readable", this.#answer);
    source.on("end", this.#onEnd);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#answer();
    });
  }

  return(): Promise<IteratorResult<T, undefined>> {
    if (!this.#done) {
      this.#finish();
      this.#abandon?.();
    }
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Ends it with an error, once what has arrived is read. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#answer();
  }

  /** Resolves the waiting reader, if there is a message. */
  readonly #answer = (): void => {
    const waiting = this.#waiting;
    if (waiting === null) return;
    const message = this.#done ? null : this.#source.read();
    if (message instanceof MalformedMessage) {
      this.#reject(waiting, message);
    } else if (message !== null) {
      this.#waiting = null;
      waiting.resolve({ done: false, value: message });
    } else if (this.#failure !== null && !this.#done) {
      this.#reject(waiting, this.#failure.error);
    } else if (this.#ended || this.#done) {
      this.#finish();
    }
  };

  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#answer();
  };

  #reject(waiting: Waiting<T>, error: unknown): void {
    this.#waiting = null;
    waiting.reject(error);
    this.#finish();
  }

  #finish(): void {
    this.#done = true;
    this.#source.off("readable", this.#answer);
    this.#source.off("end", this.#onEnd);
    this.#waiting?.resolve({ done: true, value: undefined });
    this.#waiting = null;
  }
}

/**
 * Calls `take` with each message, one after the other, the next once the promise that it may answer is fulfilled; resolves after the last. While it waits it holds none: one function with a loop
 * keeps the message that it had last until the next one is there, and each collection of young garbage copies all that is in it.
 */
export async function forEachMessage<T>(messages: AsyncIterable<T>, take: (message: T) => unknown): Promise<void> {
  const iterator = messages[Symbol.asyncIterator]();
  async function takeNext(): Promise<boolean> {
    const { done, value } = await iterator.next();
    const taken = done === true ? undefined : take(value);
    if (taken instanceof Promise) await taken;
    return done !== true;
  }
  while (await takeNext());
}
