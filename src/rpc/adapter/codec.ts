import { type DescMessage, type DescMethod, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { EncodedMessage } from "./encoded-message.ts";

/** A message that came and is not what the method takes. Its text is for the sender and holds nothing of what was sent. */
export class MalformedMessage extends Error {
  override readonly name = "MalformedMessage";

  constructor(desc: DescMessage, options?: ErrorOptions) {
    super(`The message is not a valid ${desc.typeName}, or is nested too deeply.`, options);
  }
}

/** Makes the function that encodes messages of a type, into a Buffer that is a view and no copy. It throws on a value out of range. */
export function encoder<D extends DescMessage>(desc: D): (message: MessageShape<D> | EncodedMessage) => Buffer {
  return (message) => {
    const bytes = message instanceof EncodedMessage ? message.bytes : toBinary(desc, message);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
}

/**
 * Makes the function that decodes messages of a type. It throws on what does not parse.
 *
 * `bytes` fields are views into the buffer that was received: copy what is kept.
 */
export function decoder<D extends DescMessage>(desc: D): (bytes: Buffer) => MessageShape<D> {
  return (bytes) => fromBinary(desc, bytes);
}

/** As `decoder`, but never throws: what does not parse, or is nested more than 100 deep, becomes a MalformedMessage. */
export function tolerantDecoder<D extends DescMessage>(desc: D): (bytes: Buffer) => MessageShape<D> | MalformedMessage {
  return (bytes) => {
    try {
      return reading(desc, () => fromBinary(desc, bytes));
    } catch (error) {
      if (error instanceof MalformedMessage) return error;
      throw error;
    }
  };
}

/** Runs a function that reads a message of a type. @throws MalformedMessage whatever it throws */
export function reading<T>(desc: DescMessage, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    // The parser's own words are of no use to a sender that is not a developer of this server.
    throw new MalformedMessage(desc, { cause });
  }
}

/** For grpc-js's side of an encoding that was done before. */
export function asIs(bytes: Buffer): Buffer {
  return bytes;
}

/** The path of a method on the wire. */
export function methodPath(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}
