import type { Outbound } from "./handlers.ts";

/** The bytes that may wait in front of one stream before `send` reports that it is full, by default. */
const bufferBytes = 262_144;

/** What a waiting message costs beside its bytes, so that many empty ones count too. */
const messageOverheadBytes = 64;

/** What of a grpc-js stream is needed to send. */
interface Sink {
  write(bytes: Buffer, written: () => void): boolean;
}

/**
 * An Outbound over a grpc-js stream.
 *
 * It counts bytes itself: the streams of grpc-js are full at 16 messages, be they 16 bytes or 64 MiB.
 */
export class OutboundStream<T> implements Outbound<T> {
  readonly #sink: Sink;
  readonly #encode: (message: T) => Buffer;
  readonly #listeners: (() => void)[] = [];
  #waiting: (() => void)[] = [];
  #most = bufferBytes;
  #buffered = 0;
  #full = false;
  #open = true;

  constructor(sink: Sink, encode: (message: T) => Buffer) {
    this.#sink = sink;
    this.#encode = encode;
  }

  get writable(): boolean {
    return this.#open && !this.#full;
  }

  send(message: T): boolean {
    if (!this.#open) return false;
    const bytes = this.#encode(message);
    const size = bytes.byteLength + messageOverheadBytes;
    this.#buffered += size;
    if (this.#buffered >= this.#most) this.#full = true;
    this.#sink.write(bytes, () => this.#written(size));
    return !this.#full;
  }

  drained(): Promise<void> {
    if (!this.#full || !this.#open) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  bound(bytes: number): void {
    this.#most = bytes;
  }

  onDrain(listener: () => void): void {
    if (this.#open) this.#listeners.push(listener);
  }

  /** Ends it: no more messages are accepted, and waiting callers resume. */
  close(): void {
    this.#open = false;
    this.#listeners.length = 0;
    this.#release();
  }

  #written(size: number): void {
    this.#buffered -= size;
    // Half empty before it counts as drained, or a slow reader would toggle it with every message.
    if (!this.#full || this.#buffered > this.#most / 2) return;
    this.#full = false;
    this.#release();
    for (const listener of this.#listeners) listener();
  }

  #release(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
