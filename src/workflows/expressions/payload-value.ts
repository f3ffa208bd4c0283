import type { JsonValue } from "../../contract/json-value.ts";

/** What a payload holds; `null`: it is empty. A message of some type is known to those who made it alone. */
export type PayloadValue =
  | { readonly kind: "json"; readonly value: JsonValue }
  | { readonly kind: "bytes"; readonly value: Uint8Array }
  | { readonly kind: "message"; readonly typeUrl: string }
  | null;

/** Reads payloads as they are stored, and makes them: what a payload looks like encoded is not the workflows' business. */
export interface StoredPayloadCodec {
  decode(payload: Uint8Array | null): PayloadValue;
  encodeJson(value: JsonValue): Uint8Array;
}
