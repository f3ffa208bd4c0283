import type { DescMessage, DescMethod, MessageShape } from "@bufbuild/protobuf";
import { status as statusCode } from "@grpc/grpc-js";
import type { Status } from "../../gen/google/rpc/status_pb.js";
import { codecOf } from "./message-codec.ts";
import { makeStatus } from "./status-details.ts";

/** A message that came and is not what the method takes. Its text is for the sender. */
export class MalformedMessage extends Error {
  override readonly name = "MalformedMessage";

  /** @param options `problem`: what is wrong with it, where the sender can see that in what was sent. Default: it is not said */
  constructor(desc: DescMessage, { problem, ...options }: ErrorOptions & { readonly problem?: string } = {}) {
    const why = problem === undefined ? ", or is nested too deeply." : `: ${problem}`;
    super(`The message is not a valid ${desc.typeName}${why}`, options);
  }

  /** Its refusal. */
  get status(): Status {
    return makeStatus(statusCode.INVALID_ARGUMENT, this.message, { reason: "MALFORMED_MESSAGE" });
  }
}

/** How a message is decoded. `opaque`: as `decodeOpaque` of its codec does; `whole`: with all that is in it. */
export type Decoding = "whole" | "opaque";

/**
 * Makes the function that decodes messages of a type and never throws: what does not parse, or is nested more than 100 deep, becomes
 * a MalformedMessage.
 */
export function tolerantDecoder<D extends DescMessage>(
  desc: D,
  decoding: Decoding = "whole",
): (bytes: Buffer) => MessageShape<D> | MalformedMessage {
  const codec = codecOf(desc);
  const decode = decoding === "opaque" ? codec.decodeOpaque : codec.decode;
  return (bytes) => {
    try {
      return decode(bytes);
    } catch (cause) {
      // The parser's own words are of no use to a sender that is not a developer of this server.
      return new MalformedMessage(desc, { cause });
    }
  };
}

/** For grpc-js's side of an encoding that was done before. */
export function asIs(bytes: Buffer): Buffer {
  return bytes;
}

/** The path of a method on the wire. */
export function methodPath(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}
