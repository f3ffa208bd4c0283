import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { countWithin } from "../../contract/message-size.ts";
import { codecOf } from "../../grpc/message-codec.ts";

/** The first of some messages, one at least, that fit together into one message to a client. */
export function withinMessage<D extends DescMessage>(desc: D, messages: readonly MessageShape<D>[]): MessageShape<D>[] {
  return messages.slice(0, countWithin(messages, codecOf(desc).sizeOf));
}
