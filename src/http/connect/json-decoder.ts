import { isUtf8 } from "node:buffer";
import { type DescMessage, fromJsonString, type Message } from "@bufbuild/protobuf";
import { MalformedMessage } from "../../grpc/codec.ts";
import { codecOf } from "../../grpc/message-codec.ts";
import { bytesOfAny, jsonRegistry } from "./any-json.ts";

/** The longest text of what is wrong with a request in JSON. */
const longestProblem = 300;

/**
 * Makes the function that decodes messages of a type from JSON by the rules of Protobuf, and never throws. A field that there is not is
 * refused, since it is a typing error more often than the field of a newer server. Nothing at all is a message with nothing set.
 *
 * @param decode decodes the same from binary: handlers get what they would get by gRPC, undecoded payloads too
 */
export function jsonDecoder(
  desc: DescMessage,
  decode: (bytes: Buffer) => Message | MalformedMessage,
): (bytes: Buffer) => Message | MalformedMessage {
  const { encode } = codecOf(desc);
  const replace = bytesOfAny(desc);
  return (bytes) => {
    if (!isUtf8(bytes)) return new MalformedMessage(desc, { problem: "it is not UTF-8" });
    try {
      const text = bytes.length === 0 ? "{}" : bytes.toString();
      const message = fromJsonString(desc, text, { registry: jsonRegistry, ignoreUnknownFields: false });
      replace?.(message);
      return decode(encode(message));
    } catch (cause) {
      // Of JSON that was written by hand the parser's words are of use to its writer, who alone gets them.
      const problem = cause instanceof Error ? cause.message : String(cause);
      return new MalformedMessage(desc, { cause, problem: problem.slice(0, longestProblem).toWellFormed() });
    }
  };
}
