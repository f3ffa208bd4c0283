/** A value that JSON can write. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** An object that JSON can write. */
export interface JsonObject {
  readonly [member: string]: JsonValue;
}

/** What a payload holds; `null`: it is empty. A message of some type is known to those who made it alone. */
export type PayloadValue =
  | { readonly kind: "json"; readonly value: JsonValue }
  | { readonly kind: "bytes"; readonly value: Uint8Array }
  | { readonly kind: "message"; readonly typeUrl: string }
  | null;

/** Reads payloads as they are stored, and makes them: what a payload looks like encoded is not the workflows' business. */
export interface PayloadCodec {
  decode(payload: Uint8Array | null): PayloadValue;
  encodeJson(value: JsonValue): Uint8Array;
}
