import { isList, type JsonValue } from "../../contract/json-value.ts";
import { fromPayloadValue } from "../expressions/cel-json.ts";
import type { VariableValue } from "../expressions/expressions.ts";
import type { PayloadValue, StoredPayloadCodec } from "../expressions/payload-value.ts";

/** A payload as expressions see it. */
export interface DecodedValue {
  readonly value: VariableValue;
  /** Whether it is small enough to be kept, which is the same each time. */
  readonly isKept: boolean;
}

/** What the steps of one workflow read again and again, decoded once while it is in use. */
export interface DecodedValues {
  /** What is kept of this payload; `null`: it has to be decoded. */
  find(key: string, payload: Uint8Array): VariableValue | null;
  decode(key: string, payload: Uint8Array): DecodedValue;
}

interface Entry {
  readonly payload: Uint8Array;
  readonly value: VariableValue;
  readonly bytes: number;
}

/** What values take in memory, roughly, in bytes. */
const valueBytes = 16;
const textBytes = 24;
const listBytes = 48;
const mapBytes = 240;
const memberBytes = 24;

/**
 * Keeps what was used last, up to so many bytes of memory.
 *
 * @param keptBytes what all of it may take together
 */
export function createDecodedValues(codec: StoredPayloadCodec, keptBytes: number): DecodedValues {
  const kept = new Map<string, Entry>();
  let bytes = 0;

  function forget(key: string): void {
    bytes -= kept.get(key)?.bytes ?? 0;
    kept.delete(key);
  }

  return {
    find(key, payload) {
      const entry = kept.get(key);
      if (entry === undefined || Buffer.compare(entry.payload, payload) !== 0) return null;
      kept.delete(key);
      kept.set(key, entry);
      return entry.value;
    },

    decode(key, payload) {
      const decoded = codec.decode(payload);
      const value = fromPayloadValue(decoded);
      const size = payload.length + sizeOf(decoded);
      if (size > keptBytes) return { value, isKept: false };
      forget(key);
      for (const oldest of kept.keys()) {
        if (bytes + size <= keptBytes) break;
        forget(oldest);
      }
      // A copy, since it may be a view of something much larger.
      kept.set(key, { payload: new Uint8Array(payload), value, bytes: size });
      bytes += size;
      return { value, isKept: true };
    },
  };
}

function sizeOf(payload: PayloadValue): number {
  switch (payload?.kind) {
    case "json":
      return jsonSize(payload.value);
    case "bytes":
      return payload.value.length;
    case "message":
    case undefined:
      return mapBytes;
  }
}

function jsonSize(value: JsonValue): number {
  if (typeof value === "string") return textBytes + value.length * 2;
  if (typeof value !== "object" || value === null) return valueBytes;
  if (isList(value)) return value.reduce((sum: number, each) => sum + jsonSize(each), listBytes);
  return Object.entries(value).reduce(
    (sum, [member, each]) => sum + memberBytes + textBytes + member.length * 2 + jsonSize(each),
    mapBytes,
  );
}
