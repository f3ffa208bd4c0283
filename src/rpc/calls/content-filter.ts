/** Leaves what users stored out of answers, by the contract's option `(sitq.v1.content)`, for those who may read only the rest. */

import { clearField, type DescMessage, type DescMethod, getOption, type Message } from "@bufbuild/protobuf";
import { content } from "../../../gen/sitq/v1/access_pb.js";
import { eachMessageIn, fieldValue } from "../../grpc/field-value.ts";
import type { Outbound } from "../../grpc/handlers.ts";
import { codecOf } from "../../grpc/message-codec.ts";

/** Empties the marked fields of a message, and of those in it. */
type Clear = (message: Message) => void;

/**
 * Calls a handler and leaves content out of what it answers, or sends.
 *
 * @param out where the handler of a stream sends
 */
export type ContentFilter = (call: (...out: unknown[]) => Promise<unknown>, ...out: unknown[]) => Promise<unknown>;

/** Makes the filter of a method's answers; `null`: there is no content in them. */
export function contentFilter({ output, methodKind }: DescMethod): ContentFilter | null {
  const clear = clearOf(output, new Map());
  if (clear === null) return null;
  const codec = codecOf(output);
  const withoutContent = (message: Message): Message => {
    // What handlers answer can be shared with others, and is not always a message.
    const copy = codec.decodeOpaque(codec.encode(message));
    clear(copy);
    return copy;
  };
  return methodKind === "unary"
    ? async (call) => withoutContent((await call()) as Message)
    : (call, out) => call(filteredOutbound(out as Outbound<Message>, withoutContent));
}

function filteredOutbound(out: Outbound<Message>, filter: (message: Message) => Message): Outbound<Message> {
  return {
    send: (message) => out.send(filter(message)),
    get writable() {
      return out.writable;
    },
    drained: () => out.drained(),
    bound: (bytes) => out.bound(bytes),
    onDrain: (listener) => out.onDrain(listener),
  };
}

/** `null`: nothing is marked in such a message. @param known those that were met on the way: a message can hold its own kind */
function clearOf(desc: DescMessage, known: Map<DescMessage, Clear | null>): Clear | null {
  const before = known.get(desc);
  if (before !== undefined) return before;
  const steps: Clear[] = [];
  const clear: Clear = (message) => {
    for (const step of steps) step(message);
  };
  known.set(desc, clear);
  for (const field of desc.fields) {
    if (getOption(field, content)) {
      steps.push((message) => clearField(message, field));
      continue;
    }
    const inner = field.message === undefined ? null : clearOf(field.message, known);
    if (inner !== null) steps.push((message) => eachMessageIn(fieldValue(message, field), inner));
  }
  if (steps.length === 0) known.set(desc, null);
  return steps.length === 0 ? null : clear;
}
