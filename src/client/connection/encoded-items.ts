import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import { limits } from "../../contract/limits.ts";
import { codecOf } from "../../grpc/message-codec.ts";

/**
 * One element of a repeated message field as it stands on the wire behind its tag: length, then content.
 *
 * Elements are encoded when they come: their size is then known before a message is filled with them, what cannot be encoded
 * is the fault of one element alone, and a message that is sent again costs a copy.
 */
export type EncodedItem = Uint8Array;

/** Encodes one element. It throws on a value out of range. */
export function encodeItem<D extends DescMessage>(desc: D, message: MessageInitShape<D>): EncodedItem {
  return codecOf(desc).encodeDelimited(message);
}

/** A message whose repeated field number 1 holds the elements. They stand among its unknown fields, which are written as they are. */
export function messageOfItems<D extends DescMessage>(desc: D, items: readonly EncodedItem[]): MessageShape<D> {
  const message = codecOf(desc).blank();
  message.$unknown = items.map((data) => ({ no: 1, wireType: WireType.LengthDelimited, data }));
  return message;
}

/** The least that a message may hold when the other side refuses larger ones: no server can be set below twice that. */
export const leastMessageBytes = limits.leastReceiveBytes / 2;

/** How much elements take in a message, without their tags. */
export function bytesOf(items: readonly EncodedItem[]): number {
  return items.reduce((sum, item) => sum + item.length, 0);
}
