import type { Message } from "@bufbuild/protobuf";
import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import { type StatusObject, status as statusCode } from "@grpc/grpc-js";
import { onAbort, orAborted } from "../../async/signals.ts";
import { needsGrpc } from "../../domain/refusals/http.ts";
import { MalformedMessage } from "../../grpc/codec.ts";
import { OutboundStream } from "../../grpc/outbound-stream.ts";
import type { Decompress } from "../../grpc/server/decompression.ts";
import { CallCancelled } from "../../grpc/server/open-call.ts";
import type { CallObserver } from "../../grpc/server/serve.ts";
import type { Refusals } from "../exchange/errors.ts";
import type { HttpCall } from "../exchange/http-call.ts";
import { type BodyRules, frameBytes, RequestBody } from "../exchange/request-body.ts";
import { refusedBy } from "../exchange/status-error.ts";
import { AnswerQueue } from "./answer-queue.ts";
import { type RequestFormat, timeoutOf } from "./request-format.ts";
import type { ServedMethod } from "./served-method.ts";

/** What all calls over HTTP share. */
export interface ConnectCallRules extends BodyRules {
  /** Decompresses what a message holds; rejects with a status. */
  readonly decompress: Decompress;
  readonly refusals: Refusals;
  /** Sees each call that has one answer. Default: nothing does. */
  readonly observer?: CallObserver | null;
}

/** The flag of a frame whose message is compressed. */
const compressedFlag = 1;

/**
 * One call over Connect or gRPC-Web. Its request is read and decoded here, before Connect's own code has it: by the bounds and codecs of
 * gRPC, and so that what is refused has its reason. What Connect is given in its place is an empty message.
 */
export class ConnectCall {
  readonly #call: HttpCall;
  readonly #method: ServedMethod;
  readonly #format: RequestFormat;
  readonly #rules: ConnectCallRules;
  readonly #body: RequestBody;
  #request: Message | null = null;

  constructor(call: HttpCall, method: ServedMethod, format: RequestFormat, rules: ConnectCallRules) {
    this.#call = call;
    this.#method = method;
    this.#format = format;
    this.#rules = rules;
    this.#body = new RequestBody(call, method.path, rules);
  }

  /** Whether the request stood still and is not waited for any more. */
  get isStalled(): boolean {
    return this.#body.isStalled;
  }

  /** Reads the request, before the handler is called. @throws ConnectError */
  async receive({ signal }: HandlerContext): Promise<void> {
    try {
      if (this.#method.desc.methodKind === "bidi_streaming") throw needsGrpc(this.#method.path);
      timeoutOf(this.#call.request, this.#format);
      this.#request = await orAborted(this.#readMessage(), signal);
    } catch (error) {
      this.#body.release();
      throw this.#refusalOf(error);
    }
  }

  /** Answers a unary call. @throws ConnectError */
  async answer({ signal }: HandlerContext): Promise<Message> {
    const release = this.#follow(signal);
    const observed = this.#rules.observer?.begin(this.#method.path, this.#call, "connectrpc");
    let code: number = statusCode.OK;
    try {
      const answer = await orAborted(this.#run(), signal);
      return this.#method.answerOf(this.#method.encode(answer as Message), this.#format.isJson);
    } catch (error) {
      const refusal = this.#refusalOf(error);
      code = refusal.code;
      throw refusal;
    } finally {
      observed?.end(statusCode[code] ?? "");
      release();
    }
  }

  /** Answers by a stream. It throws a ConnectError where the handler fails. */
  async *stream({ signal }: HandlerContext): AsyncGenerator<Message> {
    const queue = new AnswerQueue();
    const out = new OutboundStream<Message>(queue, this.#method.encode);
    const release = this.#follow(signal, () => out.close());
    this.#run(out).then(
      () => queue.end(),
      (error: unknown) => queue.end(error),
    );
    const onEnd = onAbort(signal, () => queue.end(signal.reason));
    try {
      for await (const encoded of queue) yield this.#method.answerOf(encoded, this.#format.isJson);
    } catch (error) {
      throw this.#refusalOf(error);
    } finally {
      onEnd();
      out.close();
      // A client that went away while a message was sent.
      this.#call.cancel(new CallCancelled());
      release();
    }
  }

  async #run(out?: OutboundStream<Message>): Promise<unknown> {
    return this.#method.handler(this.#takeRequest(), this.#call, out);
  }

  #takeRequest(): Message {
    const request = this.#request;
    this.#request = null;
    this.#body.release();
    if (request === null) throw new Error("the request was taken before");
    return request;
  }

  /** Cancels the handler with the call: when the client goes away, or its time is over. @returns lets go: the handler has settled */
  #follow(signal: AbortSignal, onCancel?: () => void): () => void {
    const letGo = onAbort(signal, () => {
      this.#call.cancel(new CallCancelled());
      onCancel?.();
    });
    return () => {
      letGo();
      this.#call.finish();
    };
  }

  async #readMessage(): Promise<Message> {
    const { isFramed, isJson, encodingHeader } = this.#format;
    const { maxReceiveBytes, decompress } = this.#rules;
    const bytes = await this.#body.read(maxReceiveBytes + (isFramed ? frameBytes : 0));
    const encoding = this.#call.request.headers[encodingHeader] ?? "identity";
    const isCompressed = !isFramed || ((bytes[0] ?? 0) & compressedFlag) === compressedFlag;
    if (isFramed && !isOneFrame(bytes))
      throw new MalformedMessage(this.#method.desc.input, { problem: "expected one message in its frame" });
    const contents = isFramed ? bytes.subarray(frameBytes) : bytes;
    const plain = isCompressed ? await decompressed(contents, String(encoding), decompress) : contents;
    const message = isJson ? this.#method.decodeJson(plain) : this.#method.decodeBinary(plain);
    if (message instanceof MalformedMessage) throw message;
    return message;
  }

  #refusalOf(error: unknown): ConnectError {
    // The deadline, and what was made here before.
    if (error instanceof ConnectError) return error;
    if (error instanceof CallCancelled || (this.#call.isCancelled && isAbortion(error)))
      return new ConnectError("The call was cancelled.", Code.Canceled);
    return this.#rules.refusals.of(error, this.#method.path, this.#call);
  }
}

/** Whether there is one frame, and nothing behind it. */
function isOneFrame(bytes: Buffer): boolean {
  return bytes.length >= frameBytes && bytes.readUInt32BE(1) === bytes.length - frameBytes;
}

/** Node's own functions reject with an AbortError when a signal that they were handed is aborted. */
function isAbortion(error: unknown): boolean {
  return error instanceof Error && (error.cause instanceof CallCancelled || error.name === "AbortError");
}

async function decompressed(contents: Buffer, encoding: string, decompress: Decompress): Promise<Buffer> {
  try {
    return await decompress(contents, encoding);
  } catch (status) {
    // It rejects with nothing else.
    throw refusedBy(status as StatusObject);
  }
}
