/** What keeps the trailers of a refusal small, however long the texts in it are. */

import { create } from "@bufbuild/protobuf";
import { anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import { BadRequestSchema, ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { type Status, StatusSchema } from "../../gen/google/rpc/status_pb.js";
import { codecOf } from "./message-codec.ts";

const codec = codecOf(StatusSchema);

/** The text, as it is sent. */
const longestEncodedText = 2_048;
/** The details before base64 makes a third more of them. With the text and all names the block is below 8 KiB. */
const mostDetailsBytes = 4_096;
/** What is left of each text in details that are too large, in bytes of UTF-8. */
const shortTextBytes = 200;
/** How many facts are left of them. */
const fewFacts = 8;
/** How many fields are left of them at first. */
const fewFields = 6;

/** Cuts a text, at a character, to what fits into its trailer once it is percent-encoded. It must be well formed. */
export function cutEncoded(text: string): string {
  // A unit of UTF-16 takes nine bytes at most.
  if (text.length * 9 <= longestEncodedText || encodeURI(text).length <= longestEncodedText) return text;
  let left = longestEncodedText - encodeURI("…").length;
  let end = 0;
  for (const character of text) {
    left -= encodeURI(character).length;
    if (left < 0) break;
    end += character.length;
  }
  return `${text.slice(0, end)}…`;
}

/** The details of a status, encoded; where they are too large their texts are cut, and if need be only the reason is left. */
export function boundedDetails(status: Status): Buffer {
  const versions = [
    () => status,
    () => shortened(status, fewFields),
    () => shortened(status, 1),
    () => reasonOnly(status),
  ];
  for (const version of versions) {
    const bytes = codec.encode(version());
    if (bytes.length <= mostDetailsBytes) return bytes;
  }
  return codec.encode(create(StatusSchema, { code: status.code }));
}

function shortened(status: Status, mostFields: number): Status {
  const details = status.details.map((any) => {
    const info = anyUnpack(any, ErrorInfoSchema);
    if (info !== undefined) {
      const facts = Object.entries(info.metadata).slice(0, fewFacts);
      const metadata = Object.fromEntries(facts.map(([key, value]) => [short(key), short(value)]));
      return anyPack(ErrorInfoSchema, create(ErrorInfoSchema, { ...info, metadata }));
    }
    const request = anyUnpack(any, BadRequestSchema);
    if (request === undefined) return any;
    const fieldViolations = request.fieldViolations.slice(0, mostFields).map(({ field, description, reason }) => ({
      field: short(field),
      description: short(description),
      reason,
    }));
    return anyPack(BadRequestSchema, create(BadRequestSchema, { fieldViolations }));
  });
  return create(StatusSchema, { code: status.code, message: short(status.message), details });
}

function reasonOnly(status: Status): Status {
  const details = status.details.flatMap((any) => {
    const info = anyUnpack(any, ErrorInfoSchema);
    return info === undefined ? [] : [anyPack(ErrorInfoSchema, create(ErrorInfoSchema, { ...info, metadata: {} }))];
  });
  return create(StatusSchema, { code: status.code, message: short(status.message), details });
}

function short(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= shortTextBytes) return text;
  return `${new TextDecoder().decode(bytes.subarray(0, shortTextBytes), { stream: true })}…`;
}
