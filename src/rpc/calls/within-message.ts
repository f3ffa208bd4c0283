import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { limits } from "../../contract/limits.ts";
import { codecOf } from "../../grpc/message-codec.ts";

/** The first of some messages, one at least, that fit together into one message to a client. */
export function withinMessage<D extends DescMessage>(desc: D, messages: readonly MessageShape<D>[]): MessageShape<D>[] {
  const { sizeOf } = codecOf(desc);
  let bytes = 0;
  const end = messages.findIndex((message, index) => {
    bytes += sizeOf(message);
    return index > 0 && bytes > limits.messageBytes;
  });
  return messages.slice(0, end === -1 ? messages.length : end);
}
