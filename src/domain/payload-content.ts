/**
 * Whether payloads say the same, where a call is repeated. JSON arrives in one order of its members by then. The encoding of a typed
 * message (`google.protobuf.Any`) is its sender's: several languages write the entries of a map in another order each time, so that
 * the fields of a message are compared without their order, on each level. Two lists that differ in nothing but their order are then
 * alike too, which does no harm: the id is what makes a call a repeat, and the content only shows an id that was used twice.
 */

/** The tag of the field `message` of an encoded sitq.v1.Payload. */
const messageTag = 0x1a;

/** Nothing that is meant as a message is deeper. */
const deepest = 32;
/** A message with more fields in all is compared as it is: what takes long would hold up others. */
const mostFields = 20_000;

/** Whether two encoded payloads say the same; `null`: empty. */
export function isSamePayload(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === b;
  if (a.length !== b.length) return false;
  if (isEqual(a, b)) return true;
  return a[0] === messageTag && b[0] === messageTag && isEqual(payloadContent(a), payloadContent(b));
}

/** What stands for all payloads that say the same. */
export function payloadContent(payload: Uint8Array): Uint8Array {
  if (payload[0] !== messageTag) return payload;
  const budget = { left: mostFields };
  const ordered = inOneOrder(payload, deepest, budget);
  return ordered === null || budget.left < 0 ? payload : ordered;
}

/** An encoded message with its fields in one order, and those of the messages in it; `null`: it is no encoded message. */
function inOneOrder(bytes: Uint8Array, levels: number, budget: { left: number }): Uint8Array | null {
  const fields: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    const begin = at;
    if (--budget.left < 0) return null;
    const tag = varintAt(bytes, at);
    if (tag === null || tag.value < 8) return null;
    at = tag.end;
    const wireType = tag.value % 8;
    if (wireType === 2) {
      const length = varintAt(bytes, at);
      if (length === null || length.end + length.value > bytes.length) return null;
      const content = bytes.subarray(length.end, length.end + length.value);
      at = length.end + length.value;
      const ordered = levels === 0 ? null : inOneOrder(content, levels - 1, budget);
      fields.push(ordered === null ? bytes.subarray(begin, at) : joined([bytes.subarray(begin, length.end), ordered]));
      continue;
    }
    const end =
      wireType === 0 ? varintAt(bytes, at)?.end : wireType === 1 ? at + 8 : wireType === 5 ? at + 4 : undefined;
    if (end === undefined || end > bytes.length) return null;
    at = end;
    fields.push(bytes.subarray(begin, at));
  }
  return joined(fields.sort(compare));
}

function varintAt(bytes: Uint8Array, begin: number): { readonly value: number; readonly end: number } | null {
  let value = 0;
  for (let at = begin; at < begin + 10; at++) {
    const byte = bytes[at];
    if (byte === undefined) return null;
    value += (byte & 0x7f) * 2 ** (7 * (at - begin));
    if (byte < 0x80) return { value, end: at + 1 };
  }
  return null;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function compare(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return compare(a, b) === 0;
}
