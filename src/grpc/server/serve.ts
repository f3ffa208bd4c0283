import type { DescMessage, DescMethod, DescService, Message, MessageShape } from "@bufbuild/protobuf";
import {
  type handleBidiStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type Metadata,
  type ServerDuplexStream,
  type ServerWritableStream,
  type ServiceDefinition,
  type StatusObject,
  status as statusCode,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { asIs, type Decoding, MalformedMessage, methodPath, tolerantDecoder } from "../codec.ts";
import type {
  BidiStreamingHandler,
  CallContext,
  ServerStreamingHandler,
  ServiceHandlers,
  UnaryHandler,
} from "../handlers.ts";
import { type Held, heldDecoder } from "../held-message.ts";
import { InboundStream } from "../inbound-stream.ts";
import { codecOf, streamEncoder } from "../message-codec.ts";
import { OutboundStream } from "../outbound-stream.ts";
import { makeStatus, toStatusObject } from "../status-details.ts";
import { CallCancelled, OpenCall } from "./open-call.ts";

/** What the handlers of a service share. */
export interface ServeOptions {
  /** Makes the status of what a handler rejected with. `method` is the path: `/sitq.v1.QueueService/Enqueue`. */
  readonly onError: (error: unknown, method: string, call: { readonly metadata: Metadata }) => StatusObject;
  /** Sees each call that has one answer. Default: nothing does. */
  readonly observer?: CallObserver | null;
}

/** Sees calls. */
export interface CallObserver {
  /** A call begins; `null`: its end is not to be said. `method` is the path: `/sitq.v1.QueueService/Enqueue`. */
  begin(
    method: string,
    call: Pick<CallContext, "metadata" | "peer">,
    protocol: "grpc" | "connectrpc",
  ): { end(status: string): void } | null;
}

/**
 * What grpc-js needs to know of a service, for `Server.addService`.
 *
 * Answers reach grpc-js encoded: what cannot be encoded is then a rejection like any other, and not a status of grpc-js's
 * own that is not logged.
 *
 * @param decoding how requests are decoded
 */
export function serviceDefinition(desc: DescService, decoding: Decoding = "whole"): ServiceDefinition {
  return Object.fromEntries(
    desc.methods.map((method) => [
      method.localName,
      {
        path: methodPath(method),
        requestStream: method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming",
        responseStream: method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming",
        requestSerialize: codecOf(method.input).encode,
        requestDeserialize: requestDecoder(method, decoding),
        responseSerialize: asIs,
        responseDeserialize: asIs,
      },
    ]),
  );
}

/**
 * Wraps the handlers of a service for `Server.addService`. No rejection and no malformed message leaves the wrapper but as a
 * status.
 */
export function implementation<S extends DescService>(
  desc: S,
  handlers: ServiceHandlers<S>,
  options: ServeOptions,
): UntypedServiceImplementation;
export function implementation(
  desc: DescService,
  handlers: Readonly<Record<string, unknown>>,
  options: ServeOptions,
): UntypedServiceImplementation {
  const wrapped: UntypedServiceImplementation = {};
  for (const method of desc.methods) {
    const fail = statusMaker(method, options);
    // ServiceHandlers has checked that each handler is of its method's kind.
    const handler = handlers[method.localName];
    switch (method.methodKind) {
      case "unary":
        wrapped[method.localName] = unary(
          method,
          handler as UnaryHandler<DescMessage, DescMessage>,
          fail,
          options.observer ?? null,
        );
        break;
      case "server_streaming":
        wrapped[method.localName] = serverStreaming(
          method,
          handler as ServerStreamingHandler<DescMessage, DescMessage>,
          fail,
        );
        break;
      case "bidi_streaming":
        wrapped[method.localName] = bidiStreaming(
          method,
          handler as BidiStreamingHandler<DescMessage, DescMessage>,
          fail,
        );
        break;
      case "client_streaming":
        throw new Error(`${methodPath(method)}: client streaming is not supported`);
    }
  }
  return wrapped;
}

type Fail = (error: unknown, call: { readonly metadata: Metadata }) => StatusObject;
type Request = MessageShape<DescMessage> | MalformedMessage;

function requestDecoder(
  { input, methodKind }: DescMethod,
  decoding: Decoding,
): (bytes: Buffer) => Request | Held<Request> {
  const decode = tolerantDecoder(input, decoding);
  return methodKind === "bidi_streaming" ? decode : heldDecoder(decode);
}

function take(held: Held<Request>): MessageShape<DescMessage> {
  const request = held.take();
  if (request instanceof MalformedMessage) throw request;
  return request;
}

function statusMaker(method: DescMethod, options: ServeOptions): Fail {
  const path = methodPath(method);
  return (error, call) => {
    if (error instanceof MalformedMessage) {
      return toStatusObject(error.status);
    }
    try {
      return options.onError(error, path, call);
    } catch {
      // It is meant never to throw; if it does, the caller still gets an answer, and the process lives on.
      return toStatusObject(makeStatus(statusCode.INTERNAL, "Internal error.", { reason: "INTERNAL" }));
    }
  };
}

function unary(
  method: DescMethod,
  handler: UnaryHandler<DescMessage, DescMessage>,
  fail: Fail,
  observer: CallObserver | null,
): handleUnaryCall<Held<Request>, Buffer> {
  const { encode } = codecOf(method.output);
  const path = methodPath(method);
  return async (call, callback) => {
    const context = new OpenCall(call);
    const observed = observer === null ? null : observer.begin(path, context, "grpc");
    let bytes: Buffer | null = null;
    let failure: StatusObject | null = null;
    try {
      bytes = encode(await handler(take(call.request), context));
    } catch (error) {
      if (!context.explains(error)) failure = fail(error, call);
    }
    context.finish();
    observed?.end(context.cancelled ? "CANCELLED" : (statusCode[failure?.code ?? statusCode.OK] ?? ""));
    // The status of a cancelled call is not sent.
    if (!context.cancelled) callback(failure, bytes);
  };
}

function serverStreaming(
  method: DescMethod,
  handler: ServerStreamingHandler<DescMessage, DescMessage>,
  fail: Fail,
): handleServerStreamingCall<Held<Request>, Buffer> {
  const encode = streamEncoder(method.output);
  return (call) => {
    const out = new OutboundStream(call, encode);
    const context = new OpenCall(call, () => out.close());
    return run(call, context, out, fail, async () => {
      await handler(take(call.request), context, out);
    });
  };
}

function bidiStreaming(
  method: DescMethod,
  handler: BidiStreamingHandler<DescMessage, DescMessage>,
  fail: Fail,
): handleBidiStreamingCall<Request, Buffer> {
  const encode = streamEncoder(method.output);
  return (call) => {
    const requests = new InboundStream<Message>(call);
    const out = new OutboundStream<Message>(call, encode);
    const context = new OpenCall(call, () => {
      out.close();
      requests.fail(new CallCancelled());
    });
    return run(call, context, out, fail, async () => {
      try {
        await handler(requests, context, out);
      } finally {
        await requests.return();
      }
    });
  };
}

/** Runs the handler of a stream and ends the stream with it. It never rejects. */
async function run(
  call: ServerWritableStream<Held<Request>, Buffer> | ServerDuplexStream<Request, Buffer>,
  context: OpenCall,
  out: { close(): void },
  fail: Fail,
  handle: () => Promise<void>,
): Promise<void> {
  let failure: StatusObject | null = null;
  try {
    await handle();
  } catch (error) {
    if (!context.explains(error)) failure = fail(error, call);
  }
  context.finish();
  out.close();
  if (context.cancelled) return;
  // grpc-js makes the status from the event, and sends it behind what still waits.
  if (failure === null) call.end();
  else call.emit("error", failure);
}
