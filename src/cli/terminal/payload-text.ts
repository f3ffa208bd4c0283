import type { JsonObject } from "@bufbuild/protobuf";
import { fromPayload, type Payload } from "../../client/index.ts";
import { jsonText } from "../../contract/json-text.ts";
import { printableLines } from "./printable.ts";

/**
 * A payload in Protobuf's JSON. What is in a message of some type only its producer and its worker know: its bytes are shown,
 * in base64, beside the type.
 */
export function payloadJson(payload: Payload): JsonObject {
  const { kind } = payload;
  switch (kind.case) {
    case "json":
      // JSON.parse makes what JSON.stringify writes of a value that came as JSON.
      return { json: JSON.parse(JSON.stringify(fromPayload(payload))) };
    case "binary":
      return { binary: base64(kind.value) };
    case "message":
      return { message: { "@type": kind.value.typeUrl, value: base64(kind.value.value) } };
    case undefined:
      return {};
  }
}

/** A payload for people: JSON indented, anything else described. */
export function payloadText(payload: Payload | undefined): string {
  return described(payload, 2);
}

/** What stands in the place of what is damaged. */
export const damagedText = "(damaged on the disk)";

/** What stands in the place of what the caller may not see. */
export const hiddenText = "(hidden: it takes a viewer with --payloads)";

/** How content that is not there is accounted for. */
export interface Absence {
  readonly damagedFields: readonly string[];
  /** The caller may not see it. */
  readonly isHidden?: boolean;
}

/** A payload for people, or that it is damaged or hidden. @param field what it is called among the damaged fields */
export function fieldText(
  payload: Payload | undefined,
  field: string,
  { damagedFields, isHidden = false }: Absence,
): string {
  if (damagedFields.includes(field)) return damagedText;
  return isHidden && payload === undefined ? hiddenText : payloadText(payload);
}

/** The same in one line. */
export function payloadLine(payload: Payload | undefined): string {
  return described(payload, 0);
}

function described(payload: Payload | undefined, indent: number): string {
  const kind = payload?.kind;
  switch (kind?.case) {
    case "json":
      return printableLines(jsonText(fromPayload(payload), indent));
    case "binary":
      return `${kind.value.length} bytes`;
    case "message":
      return printableLines(`${kind.value.typeUrl} (${kind.value.value.length} bytes)`);
    case undefined:
      return "(empty)";
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
