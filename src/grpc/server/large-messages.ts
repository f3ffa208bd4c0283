import type { ServerHttp2Stream } from "node:http2";
import type { Metadata, StatusObject } from "@grpc/grpc-js";
import { dropUnfinishedMessage, type InterceptedCall, unfinishedMessage } from "../grpc-internals.ts";
import type { CallContext } from "../handlers.ts";
import { EarlyCall } from "./early-call.ts";

/** How much of a message is read before its caller is known, in bytes. */
export const smallMessageBytes = 65_536;

/** Decides whose large messages are read, and how much of them is unfinished at a time. */
export interface LargeMessages {
  /**
   * Finds out whose bytes those of a call are.
   *
   * @param path the method: `/sitq.v1.QueueService/Enqueue`
   * @returns the owner, or the status that ends the call; it never rejects
   */
  ownerOf(path: string, context: CallContext): Promise<string | StatusObject>;
  /**
   * Makes room for a message of an owner, and calls `go` when there is.
   *
   * @returns gives the room back, or up
   */
  take(owner: string, bytes: number, go: () => void): () => void;
  /** The status of a call for whose message there was no room. */
  readonly noRoom: StatusObject;
}

/**
 * The large messages of one call. From 64 KiB on one is held back, in the client, until its caller is known by the call's headers and
 * there is room for it: a request is in memory before its handler is called, and 200 of 4 MiB that never ended held 800 MB for
 * callers without credentials.
 */
export class CallLargeMessages {
  readonly #call: InterceptedCall;
  readonly #stream: ServerHttp2Stream;
  readonly #messages: LargeMessages;
  readonly #path: string;
  readonly #context: EarlyCall;
  readonly #refuse: (status: StatusObject) => void;
  #owner: string | null = null;
  #giveBack: () => void = () => undefined;
  #isOver = false;
  #waitsForRoom = false;

  /** @param refuse ends the call */
  constructor(
    { call, stream, messages, path }: LargeMessagesOptions,
    metadata: Metadata,
    refuse: (status: StatusObject) => void,
  ) {
    this.#call = call;
    this.#stream = stream;
    this.#messages = messages;
    this.#path = path;
    this.#context = new EarlyCall(call, stream, metadata);
    this.#refuse = refuse;
  }

  /** Whether a message waits for room. */
  get waitsForRoom(): boolean {
    return this.#waitsForRoom;
  }

  /**
   * Holds the message back that is arriving, if it is a large one, until it may be read.
   *
   * @param onHold called when it is held back
   * @param onGo called when it may be read on, perhaps at once
   * @returns how much more of the call may arrive before the next look at it
   */
  hold(onHold: () => void, onGo: () => void): number {
    const message = unfinishedMessage(this.#call);
    if (message === null || message.bytes <= smallMessageBytes) return smallMessageBytes;
    this.#giveBack();
    this.#stream.pause();
    onHold();
    void this.#letIn(message.bytes, onGo);
    return message.missingBytes + smallMessageBytes;
  }

  /** The message is whole and has been handed on. */
  taken(): void {
    this.#giveBack();
  }

  /** The call is over. */
  end(): void {
    this.#isOver = true;
    this.#context.end();
    this.#giveBack();
    dropUnfinishedMessage(this.#call);
  }

  async #letIn(bytes: number, onGo: () => void): Promise<void> {
    if (this.#owner === null) {
      const owner = await this.#messages.ownerOf(this.#path, this.#context);
      if (this.#isOver) return;
      if (typeof owner !== "string") {
        this.#refuse(owner);
        return;
      }
      this.#owner = owner;
    }
    this.#waitsForRoom = true;
    this.#giveBack = this.#messages.take(this.#owner, bytes, () => {
      this.#waitsForRoom = false;
      onGo();
      this.#stream.resume();
    });
  }
}

/** What a call's large messages are looked after with. */
export interface LargeMessagesOptions {
  readonly call: InterceptedCall;
  readonly stream: ServerHttp2Stream;
  readonly messages: LargeMessages;
  readonly path: string;
}
