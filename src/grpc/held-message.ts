/**
 * The one message of a call in a direction, until it is taken. grpc-js keeps what was decoded as long as its call, and a call that was
 * alive for milliseconds outlives collections of young garbage when it is long over: with a hundred tasks in a message, each of them
 * would be copied, and copied again.
 */
export class Held<T> {
  #message: T | null;

  constructor(message: T) {
    this.#message = message;
  }

  /** The message, once. */
  take(): T {
    const message = this.#message;
    this.#message = null;
    if (message === null) throw new Error("the message was taken before");
    return message;
  }
}

/** Makes the function that decodes the one message of a call, for grpc-js to keep. */
export function heldDecoder<T>(decode: (bytes: Buffer) => T): (bytes: Buffer) => Held<T> {
  return (bytes) => new Held(decode(bytes));
}
