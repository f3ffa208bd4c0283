import type { UnknownField } from "@bufbuild/protobuf";
import type { Writer } from "../../gen/codecs.js";

/** The longest text that is written letter by letter: that is the faster way up to here, if it is ASCII. */
const shortText = 24;

/** A buffer larger than this is not kept for the next message. */
const keptBytes = 1_048_576;

/** A tag and a length, or a tag and a number. */
const headBytes = 16;

/**
 * Writes the parts of a message from its last to its first: the length of a message is then known when it is to be written, and
 * nothing is moved.
 *
 * One serves for all messages, one at a time.
 */
export class WireWriter implements Writer {
  #buffer = Buffer.allocUnsafeSlow(16_384);
  /** What is written begins here. */
  #begin = this.#buffer.length;

  /** Begins anew. */
  begin(): void {
    this.#begin = this.#buffer.length;
  }

  /** What was written, as a copy in Node's pool: with a buffer of its own behind it, it would take ten times as long to make. */
  finish(): Buffer {
    return this.#copyInto(Buffer.allocUnsafe(this.size));
  }

  /** What was written, as a copy with a buffer of its own. */
  finishApart(): Uint8Array {
    return this.#copyInto(new Uint8Array(this.size));
  }

  #copyInto<T extends Uint8Array>(bytes: T): T {
    this.#buffer.copy(bytes, 0, this.#begin);
    if (this.#buffer.length > keptBytes) this.#buffer = Buffer.allocUnsafeSlow(keptBytes);
    return bytes;
  }

  /** Puts the length of all that was written before it. */
  delimit(): void {
    this.#reserve(headBytes);
    this.#varint(this.size);
  }

  get size(): number {
    return this.#buffer.length - this.#begin;
  }

  end(tag: number, before: number): void {
    const length = this.size - before;
    this.#reserve(headBytes);
    this.#varint(length);
    this.#varint(tag);
  }

  unknown(fields: readonly UnknownField[]): void {
    for (let index = fields.length - 1; index >= 0; index--) {
      const { no, wireType, data } = fields[index] as UnknownField;
      this.#raw(data);
      this.#varint(((no << 3) | wireType) >>> 0);
    }
  }

  encoded(bytes: Uint8Array): void {
    this.#raw(bytes);
  }

  init(value: { readonly $typeName?: string }, typeName: string): void {
    if (value.$typeName !== undefined) throw new Error(`a ${value.$typeName} stands in the place of a ${typeName}`);
    if (typeof value !== "object" || Array.isArray(value))
      throw new Error(`no object stands in the place of a ${typeName}`);
  }

  string(tag: number, value: string): void {
    const text = typeof value === "string" ? value : String(value);
    const { length } = text;
    if (length > shortText || !this.#short(tag, text)) this.#long(tag, text);
  }

  bytes(tag: number, value: Uint8Array): void {
    const bytes = Array.isArray(value) ? Uint8Array.from(value) : value;
    const length = bytes.byteLength;
    if (!(length >= 0)) throw new Error("what are no bytes");
    this.#raw(bytes);
    this.#varint(length);
    if (tag !== 0) this.#varint(tag);
  }

  bool(tag: number, value: boolean): void {
    this.#number(tag, value ? 1 : 0);
  }

  int32(tag: number, value: number): void {
    const number = (value | 0) === value ? value : integerOf(value, -0x80000000, 0x7fffffff);
    if (number >= 0) this.#number(tag, number);
    else this.#large(tag, BigInt(number));
  }

  uint32(tag: number, value: number): void {
    this.#number(tag, value >>> 0 === value ? value : integerOf(value, 0, 0xffffffff));
  }

  int64(tag: number, value: bigint): void {
    if (this.#small(tag, value)) return;
    const number = BigInt(value);
    if (BigInt.asIntN(64, number) !== number) throw new Error(`invalid int64: ${value}`);
    this.#large(tag, number);
  }

  uint64(tag: number, value: bigint): void {
    if (this.#small(tag, value)) return;
    const number = BigInt(value);
    if (BigInt.asUintN(64, number) !== number) throw new Error(`invalid uint64: ${value}`);
    this.#large(tag, number);
  }

  double(tag: number, value: number): void {
    this.#reserve(headBytes);
    this.#begin -= 8;
    this.#buffer.writeDoubleLE(value, this.#begin);
    if (tag !== 0) this.#varint(tag);
  }

  /** Makes room for a tag and this many bytes beside it. */
  #reserve(bytes: number): void {
    if (this.#begin < bytes) this.#grow(bytes);
  }

  #grow(bytes: number): void {
    const { size } = this;
    let length = this.#buffer.length * 2;
    while (length - size < bytes) length *= 2;
    const buffer = Buffer.allocUnsafeSlow(length);
    this.#buffer.copy(buffer, length - size, this.#begin);
    this.#buffer = buffer;
    this.#begin = length - size;
  }

  #number(tag: number, value: number): void {
    this.#reserve(headBytes);
    this.#varint(value);
    if (tag !== 0) this.#varint(tag);
  }

  #varint(value: number): void {
    const buffer = this.#buffer;
    if (value < 0x80) {
      buffer[--this.#begin] = value;
      return;
    }
    let size = 2;
    for (let rest = value >>> 14; rest > 0; rest >>>= 7) size++;
    this.#begin -= size;
    let at = this.#begin;
    let rest = value;
    while (--size > 0) {
      buffer[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    buffer[at] = rest;
  }

  /** @returns false, and nothing is written: it is negative, or takes more than 32 bits, or is no bigint */
  #small(tag: number, value: bigint): boolean {
    if (typeof value !== "bigint") return false;
    const number = Number(value);
    const isSmall = number >= 0 && number <= 0xffffffff;
    if (isSmall) this.#number(tag, number);
    return isSmall;
  }

  /** Ten bytes at most. A negative number is written as its two's complement. */
  #large(tag: number, value: bigint): void {
    this.#reserve(headBytes);
    const septets: number[] = value === 0n ? [0] : [];
    for (let rest = BigInt.asUintN(64, value); rest > 0n; rest >>= 7n) septets.push(Number(rest & 0x7fn));
    this.#begin -= septets.length;
    for (const [index, septet] of septets.entries()) {
      this.#buffer[this.#begin + index] = index < septets.length - 1 ? septet | 0x80 : septet;
    }
    if (tag !== 0) this.#varint(tag);
  }

  #raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length + headBytes);
    this.#begin -= bytes.length;
    this.#buffer.set(bytes, this.#begin);
  }

  /** @returns false, and nothing is written: it is not ASCII */
  #short(tag: number, text: string): boolean {
    const { length } = text;
    this.#reserve(length + headBytes);
    const buffer = this.#buffer;
    const begin = this.#begin - length;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) return false;
      buffer[begin + index] = code;
    }
    buffer[begin - 1] = length;
    this.#begin = begin - 1;
    if (tag !== 0) this.#varint(tag);
    return true;
  }

  #long(tag: number, text: string): void {
    const size = Buffer.byteLength(text);
    this.#reserve(size + headBytes);
    this.#begin -= size;
    this.#buffer.write(text, this.#begin, size, "utf8");
    this.#varint(size);
    if (tag !== 0) this.#varint(tag);
  }
}

/** What stands for an integer: a text may, as in protobuf-es. */
function integerOf(value: unknown, least: number, most: number): number {
  const number = typeof value === "string" ? Number(value) : value;
  if (typeof number === "number" && Number.isInteger(number) && number >= least && number <= most) return number;
  throw new Error(`invalid integer: ${String(value)}`);
}
