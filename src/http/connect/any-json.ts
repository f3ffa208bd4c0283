/**
 * A google.protobuf.Any as JSON needs its type, which is a user's and which the server does not know. Its content then stands there in
 * base64: `{"@type": "type.googleapis.com/shop.Order", "value": "CgE3"}`, and is taken so.
 */

import {
  create,
  createRegistry,
  type DescField,
  type DescMessage,
  fromBinary,
  type Message,
  type Registry,
  toBinary,
} from "@bufbuild/protobuf";
import {
  type Any,
  BytesValueSchema,
  file_google_protobuf_duration,
  file_google_protobuf_timestamp,
  file_google_protobuf_wrappers,
} from "@bufbuild/protobuf/wkt";
import { file_google_rpc_error_details } from "../../../gen/google/rpc/error_details_pb.js";
import { eachMessageIn, fieldValue } from "../../grpc/field-value.ts";

const known = createRegistry(
  file_google_rpc_error_details,
  file_google_protobuf_duration,
  file_google_protobuf_timestamp,
  file_google_protobuf_wrappers,
);

/** Types for JSON: those that are known by their fields, and any other as one of a single field, its bytes. */
export const jsonRegistry: Registry = {
  ...known,
  getMessage: (typeName) => known.getMessage(typeName) ?? unknownType(typeName),
};

const valueField = BytesValueSchema.field.value;

function unknownType(typeName: string): DescMessage {
  const desc: DescMessage = { ...BytesValueSchema, typeName };
  const field: DescField = { ...valueField, parent: desc };
  return Object.assign(desc, { fields: [field], field: { value: field }, members: [field] });
}

/** Replaces the values of all Any of unknown types in a message. */
type Replacement = (message: Message) => void;

/** Makes what prepares the messages of a type for JSON, in place; `null`: there is no Any in them. */
export function bytesInAny(desc: DescMessage): Replacement | null {
  return replacement(desc, (value) => toBinary(BytesValueSchema, create(BytesValueSchema, { value })));
}

/** Makes the reverse, for messages that were read from JSON. */
export function bytesOfAny(desc: DescMessage): Replacement | null {
  return replacement(desc, (value) => fromBinary(BytesValueSchema, value).value);
}

function replacement(desc: DescMessage, convert: (value: Uint8Array) => Uint8Array): Replacement | null {
  return walkerOf(desc, new Map(), (any) => {
    if (known.getMessage(any.typeUrl.slice(any.typeUrl.lastIndexOf("/") + 1)) === undefined)
      any.value = convert(any.value);
  });
}

/** @param met those that were met on the way: a message can hold its own kind */
function walkerOf(
  desc: DescMessage,
  met: Map<DescMessage, Replacement | null>,
  visit: (any: Any) => void,
): Replacement | null {
  // It was made for this descriptor.
  if (desc.typeName === "google.protobuf.Any") return (message) => visit(message as Any);
  const before = met.get(desc);
  if (before !== undefined) return before;
  const steps: Replacement[] = [];
  const walk: Replacement = (message) => {
    for (const step of steps) step(message);
  };
  met.set(desc, walk);
  for (const field of desc.fields) {
    const inner = field.message === undefined ? null : walkerOf(field.message, met, visit);
    if (inner !== null) steps.push((message) => eachMessageIn(fieldValue(message, field), inner));
  }
  if (steps.length === 0) met.set(desc, null);
  return steps.length === 0 ? null : walk;
}
