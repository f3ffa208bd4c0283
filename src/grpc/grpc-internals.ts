/**
 * What grpc-js 1.14.7 keeps to itself, and a server on a network cannot do without. Each is looked for and not taken for
 * granted: without it grpc-js does as it always does, and a test of the behaviour fails.
 */

import type { ServerHttp2Stream } from "node:http2";
import { Server as NetServer } from "node:net";
import { Duplex } from "node:stream";
import type { Server, ServerInterceptor } from "@grpc/grpc-js";

/** A call as an interceptor is handed it. */
export type InterceptedCall = Parameters<ServerInterceptor>[1];

/** Decompresses a message with its frame of five bytes; rejects with a status. */
type DecompressFramed = (message: Buffer, encoding: string) => Buffer | Promise<Buffer>;

/** The HTTP/2 stream below a call: bytes that arrive are seen nowhere else before the message is whole. */
export function http2StreamOf(call: InterceptedCall): ServerHttp2Stream | null {
  const inner: object = call;
  return "stream" in inner && isServerStream(inner.stream) ? inner.stream : null;
}

/** The same below a call as a handler has it: interceptors stand between. */
export function streamBelow(call: object): ServerHttp2Stream | null {
  for (let next: unknown = call; typeof next === "object" && next !== null; ) {
    if ("stream" in next && isServerStream(next.stream)) return next.stream;
    if ("nextCall" in next) next = next.nextCall;
    else if ("call" in next) next = next.call;
    else return null;
  }
  return null;
}

function isServerStream(value: unknown): value is ServerHttp2Stream {
  return value instanceof Duplex && "session" in value && "headersSent" in value;
}

/** Puts another function in the place where a call decompresses its messages: there is no hook before they are whole. */
export function replaceDecompression(call: InterceptedCall, decompress: DecompressFramed): void {
  if ("decompressMessage" in call) Object.assign(call, { decompressMessage: decompress });
}

/** A message of which a part has arrived. */
export interface UnfinishedMessage {
  /** What it will have. */
  readonly bytes: number;
  readonly missingBytes: number;
}

/** The message of a call that is arriving; `null`: the last one is whole, or less of it is there than its length. */
export function unfinishedMessage(call: InterceptedCall): UnfinishedMessage | null {
  const decoder = decoderOf(call);
  if (decoder === null || decoder.readMessageRemaining === 0) return null;
  return { bytes: decoder.readMessageSize, missingBytes: decoder.readMessageRemaining };
}

/** Lets go of the part of a message that has arrived with a call that is over: its stream may take seconds to end. */
export function dropUnfinishedMessage(call: InterceptedCall): void {
  const decoder = decoderOf(call);
  if (decoder !== null) decoder.readPartialMessage = [];
}

interface MessageDecoder {
  readonly readMessageSize: number;
  readonly readMessageRemaining: number;
  readPartialMessage: readonly Buffer[];
}

function decoderOf(call: InterceptedCall): MessageDecoder | null {
  const inner: object = call;
  return "decoder" in inner && isMessageDecoder(inner.decoder) ? inner.decoder : null;
}

function isMessageDecoder(value: unknown): value is MessageDecoder {
  return (
    typeof value === "object" && value !== null && "readMessageRemaining" in value && "readPartialMessage" in value
  );
}

/** A handler as grpc-js keeps it under its path. */
export interface GrpcHandler {
  readonly type: "bidi";
  readonly path: string;
  readonly func: (call: NodeJS.EventEmitter) => void;
  readonly serialize: (value: Buffer) => Buffer;
  readonly deserialize: (bytes: Buffer) => Buffer;
}

/** Answers calls of paths that have no handler: without it they are answered before any interceptor sees them. */
export function handleUnknownPaths(server: Server, handlerOf: (path: string) => GrpcHandler): void {
  const inner: object = server;
  if (!("handlers" in inner && inner.handlers instanceof Map)) return;
  const { handlers } = inner;
  const get = handlers.get.bind(handlers);
  handlers.get = (path: string) => get(path) ?? handlerOf(path);
}

/** Counts a stream that grpc-js does not see among those that keep its connection from being idle. */
export function keepFromIdling(server: Server, stream: ServerHttp2Stream): void {
  const inner: object = server;
  if ("onStreamOpened" in inner && typeof inner.onStreamOpened === "function") inner.onStreamOpened(stream);
}

/** Options of Node's HTTP/2 that grpc-js does not pass on. */
export interface Http2Options {
  /** Whether a handshake of TLS may agree on HTTP/1.1 too. */
  readonly allowHTTP1?: boolean;
  /** How many header fields a call may have. */
  readonly maxHeaderListPairs: number;
  /** What is announced to clients. */
  readonly settings: { readonly maxHeaderListSize: number };
}

/** Sets options of Node's HTTP/2, beside those that grpc-js sets; before the server is bound. */
export function setHttp2Options(server: Server, { settings, ...options }: Http2Options): void {
  const inner: object = server;
  if (!("commonServerOptions" in inner)) return;
  const { commonServerOptions } = inner;
  if (typeof commonServerOptions !== "object" || commonServerOptions === null) return;
  const others = "settings" in commonServerOptions ? commonServerOptions.settings : undefined;
  Object.assign(commonServerOptions, options, { settings: Object.assign({}, others, settings) });
}

/** The servers that listen, once it is bound: several where a name has several addresses. */
export function listenersOf(server: Server): NetServer[] {
  const inner: object = server;
  if (!("http2Servers" in inner && inner.http2Servers instanceof Map)) return [];
  return [...inner.http2Servers.keys()].filter((each) => each instanceof NetServer);
}

/** The part of a client's call that knows its connection, which holds the process while it has calls. */
interface ConnectedCall {
  readonly transport: { addActiveCall(call: object): void; removeActiveCall(call: object): void };
}

/** Says whether the process is to wait for a client's call that has a connection. At first it is. */
export function holdProcess(call: object, isHeld: boolean): void {
  const connected = connectedCall(call);
  if (isHeld) connected?.transport.addActiveCall(connected);
  else connected?.transport.removeActiveCall(connected);
}

/** Goes inward, since one call stands within the other. */
function connectedCall(call: object): ConnectedCall | null {
  for (let next: unknown = call; typeof next === "object" && next !== null; ) {
    if (isConnectedCall(next)) return next;
    if ("call" in next) next = next.call;
    else if ("child" in next) next = next.child;
    else if ("underlyingCalls" in next && Array.isArray(next.underlyingCalls)) next = next.underlyingCalls.at(-1);
    else return null;
  }
  return null;
}

function isConnectedCall(call: object): call is ConnectedCall {
  if (!("transport" in call) || typeof call.transport !== "object" || call.transport === null) return false;
  return "addActiveCall" in call.transport && "removeActiveCall" in call.transport;
}
