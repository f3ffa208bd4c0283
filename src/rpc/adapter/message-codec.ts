import { type DescMessage, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { codecs } from "../../../gen/codecs.js";
import { WireReader } from "./wire-reader.ts";
import { WireWriter } from "./wire-writer.ts";

/** Reads and writes the messages of one type. */
export interface MessageCodec<D extends DescMessage> {
  /** A message with nothing set, as `create` makes it; much faster. */
  blank(): MessageShape<D>;
  /** Encodes a message. @throws on a value out of range, with the field's name */
  encode(message: MessageShape<D>): Buffer;
  /**
   * Decodes a message. `bytes` fields are views into what is given, since most are sent on or stored at once: copy what is kept.
   *
   * @throws on what does not parse, or is nested more than 100 deep
   */
  decode(bytes: Uint8Array): MessageShape<D>;
}

/** They keep what they have grown to. */
const reader = new WireReader();
const writer = new WireWriter();

/** The codec of a type of messages, as it was generated from the contract. */
export function codecOf<D extends DescMessage>(desc: D): MessageCodec<D> {
  const generated = codecs.get(desc.typeName);
  if (generated === undefined) throw new Error(`gen/ has no codec for ${desc.typeName}`);
  const { blank, decode, encode } = generated;
  return {
    blank: blank as () => MessageShape<D>,

    encode(message) {
      writer.begin();
      try {
        encode(message, writer);
      } catch (cause) {
        // It refuses the same, and names the field.
        toBinary(desc, message);
        throw cause;
      }
      return writer.finish();
    },

    decode(bytes) {
      reader.begin(Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      try {
        return decode(blank(), reader, bytes.byteLength) as MessageShape<D>;
      } finally {
        reader.finish();
      }
    },
  };
}
