/** The encoded messages of a stream between its handler and its connection, which takes them one after the other. */
export class AnswerQueue implements AsyncIterable<Buffer> {
  readonly #waiting: { readonly bytes: Buffer; readonly written: () => void }[] = [];
  #wake: () => void = () => undefined;
  #end: { readonly error: unknown } | null = null;

  /** Takes a message. @param written called when the connection has room for the next */
  write(bytes: Buffer, written: () => void): boolean {
    this.#waiting.push({ bytes, written });
    this.#wake();
    return true;
  }

  /** Ends the stream behind what waits. @param error why it fails; `undefined`: it does not */
  end(error?: unknown): void {
    this.#end ??= { error };
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) {
        yield next.bytes;
        next.written();
      } else if (this.#end !== null) {
        if (this.#end.error !== undefined) throw this.#end.error;
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}
