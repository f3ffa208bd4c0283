import { status as statusCode } from "@grpc/grpc-js";
import { leastBytesPerMs, longestMessageMs } from "../../grpc/server/call-guard.ts";
import { messageTooLarge } from "../../grpc/server/decompression.ts";
import { type LargeMessages, smallMessageBytes } from "../../grpc/server/large-messages.ts";
import { CallCancelled } from "../../grpc/server/open-call.ts";
import { makeStatus } from "../../grpc/status-details.ts";
import type { HttpCall } from "./http-call.ts";
import { refusedBy, StatusError } from "./status-error.ts";

/** How much a client may send, how slowly, and by which clock. */
export interface BodyRules {
  /** The largest request that is taken, decompressed. */
  readonly maxReceiveBytes: number;
  /** How long a request may stand still, in milliseconds. */
  readonly firstMessageTimeoutMs: number;
  readonly largeMessages: LargeMessages;
  readonly clock: {
    /** Runs `action` once, `delayMs` later; answers a function that calls it off. */
    after(delayMs: number, action: () => void): () => void;
    /** Runs `action` once what has already arrived from the network has been read. */
    afterIo(action: () => void): void;
  };
}

/** The frame of a message in a stream: a flag and the length. */
export const frameBytes = 5;

/**
 * The body of one request, by the bounds that messages of gRPC have: one of more than 64 KiB is read once its caller is known and there is
 * room for it; one that stands still, or takes longer than the largest at 10 KB/s, ends with `FIRST_MESSAGE_TIMEOUT`.
 */
export class RequestBody {
  readonly #call: HttpCall;
  readonly #path: string;
  readonly #rules: BodyRules;
  readonly #stalled = Promise.withResolvers<never>();
  #bytes = 0;
  #waitsForRoom = false;
  #isOver = false;
  #isStalled = false;
  #isReleased = false;
  #giveBack: () => void = () => undefined;
  #callOff: () => void = () => undefined;

  /** @param path the method that is called */
  constructor(call: HttpCall, path: string, rules: BodyRules) {
    this.#call = call;
    this.#path = path;
    this.#rules = rules;
    // Nothing waits for it once the body is there.
    this.#stalled.promise.catch(() => undefined);
  }

  /** Whether it was given up because it stood still: the rest is not waited for. */
  get isStalled(): boolean {
    return this.#isStalled;
  }

  /**
   * Reads all of it.
   *
   * @param mostBytes how many it may have: as many as the largest message, with its frame
   * @throws StatusError MESSAGE_TOO_LARGE, FIRST_MESSAGE_TIMEOUT, TOO_MANY_UNFINISHED_BYTES, or why its caller is refused
   */
  async read(mostBytes: number): Promise<Buffer> {
    const { "content-length": announced } = this.#call.request.headers;
    const length = announced === undefined ? null : Number(announced);
    if (length !== null && length > mostBytes) throw this.#tooLarge();
    this.#watch(0);
    try {
      if (length !== null && length > smallMessageBytes) await this.#letIn(length);
      return await this.#readAll(mostBytes, length ?? 0);
    } finally {
      this.#isOver = true;
      this.#callOff();
    }
  }

  /** The message has been handed on, or is not wanted any more. */
  release(): void {
    this.#isReleased = true;
    this.#giveBack();
    this.#stalled.reject(new CallCancelled());
  }

  async #readAll(mostBytes: number, admittedBytes: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let isAdmitted = admittedBytes > smallMessageBytes;
    const iterator = this.#call.request.iterator({ destroyOnReturn: false });
    for (;;) {
      const { done, value } = await Promise.race([next(iterator), this.#stalled.promise]);
      if (done === true) return Buffer.concat(chunks);
      const chunk: Buffer = value;
      chunks.push(chunk);
      this.#bytes += chunk.length;
      if (this.#bytes > mostBytes) throw this.#tooLarge();
      if (!isAdmitted && this.#bytes > smallMessageBytes) {
        isAdmitted = true;
        // How much more there is, it does not say.
        await this.#letIn(this.#rules.maxReceiveBytes);
      }
    }
  }

  /** Waits until the caller is known and there is room. */
  async #letIn(bytes: number): Promise<void> {
    const { largeMessages, maxReceiveBytes } = this.#rules;
    const owner = await largeMessages.ownerOf(this.#path, this.#call);
    if (typeof owner !== "string") throw refusedBy(owner);
    if (this.#isReleased) throw new CallCancelled();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waitsForRoom = true;
    this.#giveBack = largeMessages.take(owner, Math.min(bytes, maxReceiveBytes), resolve);
    await Promise.race([promise, this.#stalled.promise]);
    this.#waitsForRoom = false;
  }

  #watch(waitedMs: number): void {
    const { firstMessageTimeoutMs, clock } = this.#rules;
    const before = this.#bytes;
    this.#callOff = clock.after(firstMessageTimeoutMs, () =>
      clock.afterIo(() => {
        if (this.#isOver) return;
        const nowMs = waitedMs + firstMessageTimeoutMs;
        const isMoving = this.#bytes - before >= firstMessageTimeoutMs * leastBytesPerMs;
        if (this.#waitsForRoom) this.#stall(refusedBy(this.#rules.largeMessages.noRoom));
        else if (!isMoving || nowMs >= longestMessageMs(this.#rules)) this.#stall(this.#late());
        else this.#watch(nowMs);
      }),
    );
  }

  #stall(error: StatusError): void {
    this.#isStalled = true;
    this.#stalled.reject(error);
  }

  #tooLarge(): StatusError {
    return refusedBy(messageTooLarge(this.#rules.maxReceiveBytes));
  }

  #late(): StatusError {
    const { firstMessageTimeoutMs } = this.#rules;
    const text = `The request did not arrive: for ${firstMessageTimeoutMs} ms it was silent or slower than 10 KB/s, or it took longer than the largest one at that speed.`;
    return new StatusError(makeStatus(statusCode.DEADLINE_EXCEEDED, text, { reason: "FIRST_MESSAGE_TIMEOUT" }));
  }
}

/** The next part of a body. It rejects with CallCancelled if the connection breaks, whatever Node says of it. */
function next(body: AsyncIterator<Buffer>): Promise<IteratorResult<Buffer>> {
  return body.next().catch(() => Promise.reject(new CallCancelled()));
}
