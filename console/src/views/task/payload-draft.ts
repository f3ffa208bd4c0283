/** A payload as one edits it: a text in one of the forms, read with what is wrong of it. */

import { create, fromJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { type Payload, PayloadSchema } from "../../../../gen/sitq/v1/payload_pb.js";
import { base64Text, bytesOfBase64, utf8Text } from "../../ui/hex.ts";
import { isRoundedWhenStored, jsonText, nodeOfText, nodeOfValue, numbersIn } from "../../ui/json-node.ts";

/** The forms of a payload that can be written. */
export const draftForms = ["same", "JSON", "text", "base64", "empty"] as const;
/** A form of a payload: `same` is that of the old task as it is. */
export type DraftForm = (typeof draftForms)[number];

/** What was written. */
export interface Draft {
  readonly form: DraftForm;
  readonly text: string;
}

/** A payload; unset: the old one. Or what is wrong, in one sentence. */
export type ReadDraft =
  | { readonly payload: Payload | undefined; readonly problem: null }
  | { readonly payload: undefined; readonly problem: string };

/** How many numbers of a problem are named. */
const namedNumbers = 3;

/** The payload of the old task to begin with, in the form in which it can be changed best. */
export function draftOf(payload: Payload | undefined): Draft {
  const kind = payload?.kind;
  switch (kind?.case) {
    case "json":
      return { form: "JSON", text: jsonText(nodeOfValue(kind.value)) };
    case "binary": {
      const text = utf8Text(kind.value);
      return text === null ? { form: "base64", text: base64Text(kind.value) } : { form: "text", text };
    }
    case "message":
      return { form: "base64", text: base64Text(kind.value.value) };
    default:
      return { form: "empty", text: "" };
  }
}

/**
 * Reads what was written.
 *
 * @param old the payload of the old task: base64 of a message stays a message of its type
 */
export function readDraft({ form, text }: Draft, old: Payload | undefined): ReadDraft {
  switch (form) {
    case "same":
      return { payload: undefined, problem: null };
    case "empty":
      return { payload: create(PayloadSchema), problem: null };
    case "JSON":
      return readJson(text);
    case "text":
      return payloadOf({ case: "binary", value: new TextEncoder().encode(text) });
    case "base64": {
      const bytes = bytesOfBase64(text.replaceAll(/\s/g, ""));
      if (bytes === null) return wrong("This is not base64.");
      if (old?.kind.case !== "message") return payloadOf({ case: "binary", value: bytes });
      return payloadOf({ case: "message", value: { ...old.kind.value, value: bytes } });
    }
  }
}

function readJson(text: string): ReadDraft {
  try {
    const rounded = numbersIn(nodeOfText(text)).filter(isRoundedWhenStored);
    if (rounded.length > 0) {
      const named = rounded.slice(0, namedNumbers).join(", ");
      return wrong(`Numbers are doubles, and would become others: ${named}. Write them in quotes.`);
    }
    return payloadOf({ case: "json", value: fromJson(ValueSchema, JSON.parse(text)) });
  } catch (error) {
    return wrong(error instanceof Error ? `${error.message}.` : "This is not JSON.");
  }
}

function payloadOf(kind: Payload["kind"]): ReadDraft {
  return { payload: create(PayloadSchema, { kind }), problem: null };
}

function wrong(problem: string): ReadDraft {
  return { payload: undefined, problem };
}
