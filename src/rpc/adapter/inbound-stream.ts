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
    source.on("readable", this.#onReadable);
    source.on("end", this.#onEnd);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#onReadable();
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
    this.#onReadable();
  }

  readonly #onReadable = (): void => {
    const waiting = this.#waiting;
    if (waiting === null) return;
    const message = this.#done ? null : this.#source.read();
    if (message !== null && !(message instanceof MalformedMessage)) {
      this.#waiting = null;
      waiting.resolve({ done: false, value: message });
      return;
    }
    const failure = message === null ? this.#failure : { error: message };
    if (failure === null && !this.#ended && !this.#done) return;
    this.#waiting = null;
    if (this.#done || failure === null) waiting.resolve({ done: true, value: undefined });
    else waiting.reject(failure.error);
    this.#finish();
  };

  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#onReadable();
  };

  #finish(): void {
    this.#done = true;
    this.#source.off("readable", this.#onReadable);
    this.#source.off("end", this.#onEnd);
  }
}
