import type { DescMessage, DescMethod, Message } from "@bufbuild/protobuf";
import { type Decoding, type MalformedMessage, methodPath, tolerantDecoder } from "../../grpc/codec.ts";
import type { CallContext, Outbound } from "../../grpc/handlers.ts";
import { codecOf, streamEncoder } from "../../grpc/message-codec.ts";
import { bytesInAny } from "./any-json.ts";
import { jsonDecoder } from "./json-decoder.ts";

/** The handler of a method, whatever its kind; `out` is where that of a stream sends. */
export type AnyHandler = (request: Message, context: CallContext, out?: Outbound<Message>) => Promise<unknown>;

/** A service as HTTP serves it: by the same handlers as gRPC. */
export interface HttpService {
  readonly methods: readonly DescMethod[];
  readonly handlers: Readonly<Record<string, unknown>>;
  /** How requests that are not JSON are decoded. */
  readonly decoding: Decoding;
}

/** One method of the contract with what it takes to serve it over HTTP. */
export class ServedMethod {
  readonly desc: DescMethod;
  readonly path: string;
  readonly handler: AnyHandler;
  /** Decodes a request; it never throws. */
  readonly decodeBinary: (bytes: Buffer) => Message | MalformedMessage;
  readonly decodeJson: (bytes: Buffer) => Message | MalformedMessage;
  /** Encodes an answer, or what `create` makes one of. */
  readonly encode: (message: Message) => Buffer;
  readonly #decodeAnswer: (bytes: Uint8Array) => Message;
  readonly #forJson: ((message: Message) => void) | null;

  constructor(desc: DescMethod, { handlers, decoding }: HttpService) {
    const { input, output, localName } = desc;
    this.desc = desc;
    this.path = methodPath(desc);
    // ServiceHandlers has checked that each handler is of its method's kind.
    this.handler = handlers[localName] as AnyHandler;
    this.decodeBinary = tolerantDecoder<DescMessage>(input, decoding);
    this.decodeJson = jsonDecoder(input, this.decodeBinary);
    this.encode = streamEncoder<DescMessage>(output);
    this.#decodeAnswer = codecOf<DescMessage>(output).decode;
    this.#forJson = bytesInAny(output);
  }

  /** An encoded answer as a message with all that is in it: what handlers answer can hold payloads that were never decoded. */
  answerOf(encoded: Uint8Array, isJson: boolean): Message {
    const message = this.#decodeAnswer(encoded);
    if (isJson) this.#forJson?.(message);
    return message;
  }
}
