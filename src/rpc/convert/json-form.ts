/**
 * Looks whether an encoded google.protobuf.Value is in the form in which it is stored, without decoding it: 1 MB of small numbers takes
 * a few milliseconds so, and 100 to be decoded and encoded again on the thread that serves everyone. What is out of the
 * ordinary is left to the long way, and a test holds the two to the same.
 */

import { isUtf8 } from "node:buffer";

/**
 * How JSON is encoded. `sorted`: as an encoder writes it, the members of each object in the one order of stored JSON; `plain`: in
 * another order, or one twice; `unknown`: too deep, no JSON, or written in another way.
 */
export type JsonForm = "sorted" | "plain" | "unknown";

/** Tags of google.protobuf.Value, Struct, its entries, and ListValue. */
export const jsonTags = {
  nullValue: 0x08,
  numberValue: 0x11,
  stringValue: 0x1a,
  boolValue: 0x20,
  structValue: 0x2a,
  listValue: 0x32,
  field: 0x0a,
  key: 0x0a,
  value: 0x12,
  item: 0x0a,
} as const;

/** Whether a name may be a number by its first byte: an object of JavaScript has those first, in the order of the numbers. */
export function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

/** From this byte on UTF-8 and UTF-16 order texts differently. */
export const firstOfAnotherOrder = 0xee;
/** From this length on the call pays. */
const longText = 64;

/** The form of the value at `begin`, up to the end of the bytes. */
export function jsonFormOf(bytes: Uint8Array, begin: number, levels: number): JsonForm {
  const scan = new Scan(bytes);
  if (!scan.value(begin, bytes.length, levels)) return "unknown";
  return scan.isSorted ? "sorted" : "plain";
}

class Scan {
  readonly #bytes: Uint8Array;
  /** Behind the last length that was read. */
  #at = 0;
  isSorted = true;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether a value stands exactly there. */
  value(begin: number, end: number, levels: number): boolean {
    const bytes = this.#bytes;
    switch (bytes[begin]) {
      case jsonTags.nullValue:
        return end - begin === 2 && bytes[begin + 1] === 0;
      case jsonTags.boolValue:
        return end - begin === 2 && (bytes[begin + 1] ?? 2) <= 1;
      case jsonTags.numberValue:
        return end - begin === 9 && this.#isFinite(begin + 1);
      case jsonTags.stringValue:
        return this.#end(begin + 1, end) === end && this.#isText(this.#at, end);
      case jsonTags.listValue:
        return levels > 0 && this.#end(begin + 1, end) === end && this.#items(this.#at, end, levels - 1);
      case jsonTags.structValue:
        return levels > 0 && this.#end(begin + 1, end) === end && this.#members(this.#at, end, levels - 1);
      default:
        return false;
    }
  }

  #items(begin: number, end: number, levels: number): boolean {
    let at = begin;
    while (at < end) {
      if (this.#bytes[at] !== jsonTags.item) return false;
      const itemEnd = this.#end(at + 1, end);
      if (itemEnd === -1 || !this.value(this.#at, itemEnd, levels)) return false;
      at = itemEnd;
    }
    return true;
  }

  #members(begin: number, end: number, levels: number): boolean {
    let at = begin;
    let lastBegin = -1;
    let lastEnd = -1;
    while (at < end) {
      if (this.#bytes[at] !== jsonTags.field) return false;
      const memberEnd = this.#end(at + 1, end);
      if (memberEnd === -1 || this.#bytes[this.#at] !== jsonTags.key) return false;
      const keyEnd = this.#end(this.#at + 1, memberEnd);
      const keyBegin = this.#at;
      if (keyEnd === -1 || !this.#isText(keyBegin, keyEnd) || this.#bytes[keyEnd] !== jsonTags.value) return false;
      if (this.isSorted && lastEnd !== -1) this.isSorted = this.#isBefore(lastBegin, lastEnd, keyBegin, keyEnd);
      if (this.#end(keyEnd + 1, memberEnd) !== memberEnd || !this.value(this.#at, memberEnd, levels)) return false;
      lastBegin = keyBegin;
      lastEnd = keyEnd;
      at = memberEnd;
    }
    return true;
  }

  /** Where what has its length at `at` ends; -1: beyond `most`, or the length is not in its shortest form. */
  #end(at: number, most: number): number {
    const bytes = this.#bytes;
    let length = 0;
    for (let index = 0; index < 4; index++) {
      const byte = bytes[at + index] ?? 0x80;
      length |= (byte & 0x7f) << (7 * index);
      if (byte >= 0x80) continue;
      this.#at = at + index + 1;
      const end = this.#at + length;
      return end > most || (byte === 0 && index > 0) ? -1 : end;
    }
    return -1;
  }

  #isFinite(at: number): boolean {
    return ((this.#bytes[at + 7] ?? 0) & 0x7f) !== 0x7f || (this.#bytes[at + 6] ?? 0) < 0xf0;
  }

  #isText(begin: number, end: number): boolean {
    if (end - begin >= longText) return isUtf8(this.#bytes.subarray(begin, end));
    for (let at = begin; at < end; at++) {
      if ((this.#bytes[at] ?? 0) >= 0x80) return isUtf8(this.#bytes.subarray(begin, end));
    }
    return true;
  }

  /** Whether a key certainly comes before another one in the order of stored JSON. */
  #isBefore(begin: number, end: number, otherBegin: number, otherEnd: number): boolean {
    const bytes = this.#bytes;
    if (isDigit(bytes[begin]) || isDigit(bytes[otherBegin])) return false;
    const length = Math.min(end - begin, otherEnd - otherBegin);
    for (let index = 0; index < length; index++) {
      const one = bytes[begin + index] ?? 0;
      const other = bytes[otherBegin + index] ?? 0;
      if (one !== other) return one < other && other < firstOfAnotherOrder;
    }
    return end - begin < otherEnd - otherBegin;
  }
}
