import type { DescMessage, DescMethod, DescService, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import {
  type Client as GrpcClient,
  type CallOptions as GrpcOptions,
  Metadata,
  status as statusCode,
} from "@grpc/grpc-js";
import { deferred } from "../../async/deferred.ts";
import { onAbort } from "../../async/signals.ts";
import { asIs, methodPath } from "../codec.ts";
import { holdProcess } from "../grpc-internals.ts";
import { heldDecoder } from "../held-message.ts";
import { InboundStream } from "../inbound-stream.ts";
import { codecOf } from "../message-codec.ts";
import { OutboundStream } from "../outbound-stream.ts";
import { CallError } from "./call-error.ts";
import { type CallRoute, type Routing, routeOver } from "./call-route.ts";
import { type OptionNames, refuseUnknown } from "./known-options.ts";
import { type Caller, PendingAnswer } from "./pending-answer.ts";

/** The options of one call. */
export interface CallOptions {
  /** Cancels the call. */
  readonly signal?: AbortSignal | undefined;
  /** Gives the call up, in milliseconds from now, with DEADLINE_EXCEEDED. Default: never. */
  readonly timeoutMs?: number | undefined;
  /** Sent with the call. */
  readonly metadata?: Metadata | undefined;
}

const callOptionNames: OptionNames<CallOptions> = { signal: true, timeoutMs: true, metadata: true };

/** Both halves of a bidirectional call. */
export interface BidiCall<I extends DescMessage, O extends DescMessage> {
  /**
   * Takes a message into the send buffer, full or not, unless the call is over. It throws if the message cannot be encoded.
   *
   * @returns whether there is room for more; false: send nothing before it has drained
   */
  send(message: MessageInitShape<I>): boolean;
  /** Resolves when there is room, or the call is over. */
  drained(): Promise<void>;
  /** Half-closes: no more messages are sent. */
  end(): void;
  /** Ends the call both ways; `responses` throws a CallError with CANCELLED. */
  cancel(): void;
  /** Lets the process end though the call is open. */
  unref(): void;
  /** Has the process wait for the end of the call again, as it does at first. */
  ref(): void;
  /** What the server says, for one loop; it throws a CallError if the call fails. Leaving the loop early cancels the call. */
  readonly responses: AsyncIterable<MessageShape<O>>;
}

/** The call of each kind of method. Every failure is a CallError. */
export interface CallsByKind<I extends DescMessage, O extends DescMessage> {
  readonly unary: (request: MessageInitShape<I>, options?: CallOptions) => Promise<MessageShape<O>>;
  /** The call begins at once; the answers are for one loop, and leaving it early cancels the call. */
  readonly server_streaming: (request: MessageInitShape<I>, options?: CallOptions) => AsyncIterable<MessageShape<O>>;
  readonly bidi_streaming: (options?: CallOptions) => BidiCall<I, O>;
  readonly client_streaming: never;
}

/** The call of one method. */
export type ClientMethod<M extends DescMethod> = CallsByKind<M["input"], M["output"]>[M["methodKind"]];

/** A service, one function for each method, by the method's local name. */
export type Client<S extends DescService> = {
  readonly [K in keyof S["method"]]: ClientMethod<S["method"][K]>;
};

/** Makes a typed client of a service over a channel. Any number of them share one, and its owner closes it. */
export function createClient<S extends DescService>(desc: S, channel: GrpcClient): Client<S> {
  const route = routeOver(channel);
  return createRoutedClient(desc, () => () => route);
}

/**
 * Makes a typed client of a service.
 *
 * @param routingOf where the calls of a method begin
 * @param added what is sent with every call that is no stream of the caller's, where the call does not say it itself. Default: nothing
 */
export function createRoutedClient<S extends DescService>(
  desc: S,
  routingOf: (method: DescMethod) => Routing,
  added: AddedMetadata = () => null,
): Client<S> {
  const calls: Record<string, unknown> = {};
  for (const method of desc.methods) calls[method.localName] = callOf(method, routingOf(method), added);
  return calls as Client<S>;
}

/** Answers what is added to the metadata of a call that is being made; `null`: nothing. */
export type AddedMetadata = () => Readonly<Record<string, string>> | null;

function callOf(method: DescMethod, routing: Routing, added: AddedMetadata): unknown {
  switch (method.methodKind) {
    case "unary":
      return unary(method, routing, added);
    case "server_streaming":
      return serverStreaming(method, routing, added);
    case "bidi_streaming":
      return bidiStreaming(method, routing);
    case "client_streaming":
      throw new Error(`${methodPath(method)}: client streaming is not supported`);
  }
}

type Calls = CallsByKind<DescMessage, DescMessage>;

function unary(method: DescMethod, routing: Routing, added: AddedMetadata): Calls["unary"] {
  const path = methodPath(method);
  const encode = requestEncoder(method.input);
  const decode = heldDecoder(codecOf(method.output).decode);

  function begin(bytes: Buffer, options: CallOptions, deadline: GrpcOptions, answer: PendingAnswer): void {
    const metadata = metadataOf(options, added);
    const call = answer.route.begin((channel) =>
      channel.makeUnaryRequest(path, asIs, decode, bytes, metadata, deadline, answer.ended),
    );
    answer.release = onAbort(options.signal, () => call.cancel());
  }

  /**
   * A server refuses a token before it looks at the request: with another one the call is made once more, whatever it is. So it is at
   * another server where one was not reached.
   */
  function beginAgainIfInVain(bytes: Buffer, options: CallOptions, deadline: GrpcOptions, caller: Caller) {
    const beginOver = (route: CallRoute, mayRenew: boolean) =>
      begin(bytes, options, deadline, new PendingAnswer(caller, route, { begin: beginOver, mayRenew }));
    return beginOver;
  }

  // The request stands in no closure: the call would keep it.
  return (request, options = {}) => {
    const caller = deferred<MessageShape<DescMessage>>();
    try {
      refuseUnknown(options, callOptionNames);
      const deadline = grpcOptions(options);
      const route = routing();
      const mayRenew = route.tokenVersion !== null;
      if (mayRenew || route.hasOthers) beginAgainIfInVain(encode(request), options, deadline, caller)(route, mayRenew);
      else begin(encode(request), options, deadline, new PendingAnswer(caller, route));
    } catch (error) {
      caller.reject(error);
    }
    return caller.promise;
  };
}

function serverStreaming(method: DescMethod, routing: Routing, added: AddedMetadata): Calls["server_streaming"] {
  const path = methodPath(method);
  const encode = requestEncoder(method.input);
  const { decode } = codecOf(method.output);
  return (request, options = {}) => {
    refuseUnknown(options, callOptionNames);
    const bytes = encode(request);
    const metadata = metadataOf(options, added);
    function begin(route: CallRoute): InboundStream<MessageShape<DescMessage>> {
      const { tokenVersion } = route;
      const call = route.begin((channel) =>
        channel.makeServerStreamRequest(path, asIs, decode, bytes, metadata, grpcOptions(options)),
      );
      const responses = new InboundStream<MessageShape<DescMessage>>(call, () => call.cancel());
      const release = onAbort(options.signal, () => call.cancel());
      call.on("error", (error) => responses.fail(route.failure(error, tokenVersion)));
      call.on("status", release);
      return responses;
    }
    const route = routing();
    const responses = begin(route);
    return route.hasOthers ? elsewhereUnlessReached(route, responses, begin) : responses;
  };
}

/** The messages of a call, which is made at another server where one was not reached. */
async function* elsewhereUnlessReached<T>(
  first: CallRoute,
  messages: AsyncIterable<T>,
  begin: (route: CallRoute) => AsyncIterable<T>,
): AsyncGenerator<T, void> {
  let [route, from] = [first, messages];
  for (;;) {
    try {
      // Of a server that was not reached there are none.
      return yield* from;
    } catch (error) {
      const next = error instanceof CallError ? route.elsewhere(error) : null;
      if (next === null) throw error;
      [route, from] = [next, begin(next)];
    }
  }
}

function bidiStreaming(method: DescMethod, routing: Routing): Calls["bidi_streaming"] {
  const path = methodPath(method);
  const encode = requestEncoder(method.input);
  const { decode } = codecOf(method.output);
  return (options = {}) => {
    refuseUnknown(options, callOptionNames);
    const { metadata = new Metadata() } = options;
    const route = routing();
    const { tokenVersion } = route;
    const call = route.begin((channel) =>
      channel.makeBidiStreamRequest(path, asIs, decode, metadata, grpcOptions(options)),
    );
    const out = new OutboundStream(call, encode);
    const responses = new InboundStream<MessageShape<DescMessage>>(call, () => call.cancel());
    const release = onAbort(options.signal, () => call.cancel());
    call.on("error", (error) => responses.fail(route.failure(error, tokenVersion)));
    call.on("status", () => {
      release();
      out.close();
    });
    return {
      send: (message) => out.send(message),
      drained: () => out.drained(),
      end: () => {
        out.close();
        call.end();
      },
      cancel: () => call.cancel(),
      unref: () => holdProcess(call, false),
      ref: () => holdProcess(call, true),
      responses,
    };
  };
}

function metadataOf({ metadata = new Metadata() }: CallOptions, added: AddedMetadata): Metadata {
  const more = added();
  if (more === null) return metadata;
  const all = metadata.clone();
  for (const [name, value] of Object.entries(more)) if (metadata.get(name).length === 0) all.set(name, value);
  return all;
}

function requestEncoder<I extends DescMessage>(desc: I): (request: MessageInitShape<I>) => Buffer {
  const { encode } = codecOf(desc);
  return (request) => {
    try {
      // In plain JavaScript it may be left out.
      return encode(request ?? {});
    } catch (error) {
      const text = `The request is not a valid ${desc.typeName}: ${error instanceof Error ? error.message : error}`;
      throw new CallError(text, { code: statusCode.INVALID_ARGUMENT, reason: "MALFORMED_MESSAGE", cause: error });
    }
  };
}

function grpcOptions({ timeoutMs }: CallOptions): GrpcOptions {
  // biome-ignore lint/nursery/noJsRestrictedProperties: grpc-js wants a point in time, by the system's clock.
  return timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
}
