import type { UnknownField } from "@bufbuild/protobuf";
import type { Reader } from "../../gen/codecs.js";

/** How deep messages may be nested, the outermost counted. */
const maxDepth = 100;

/** The longest text that is read letter by letter: that is the faster way up to here, if it is ASCII. */
const shortText = 16;

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const noBytes = Buffer.alloc(0);

/** What short texts are read into, letter by letter: an array a text would be as much garbage as all else of it together. */
const codesByLength = Array.from({ length: shortText + 1 }, (_, length) => new Array<number>(length).fill(0));

/**
 * Reads the parts of a message one after the other. It takes and refuses what protobuf-es takes and refuses, whatever the wire
 * type of a known field says.
 *
 * One serves for all messages, one at a time.
 */
export class WireReader implements Reader {
  pos = 0;
  keepsOpaque = false;
  #buffer: Buffer = noBytes;
  #length = 0;
  #depth = 0;
  /** What joined parts are kept in, with room behind them. */
  readonly #joints = new Set<ArrayBufferLike>();

  /** Begins anew, in so many messages. `bytes` fields are views into the buffer. */
  begin(buffer: Buffer, keepsOpaque: boolean, depth: number): void {
    this.keepsOpaque = keepsOpaque;
    this.#buffer = buffer;
    this.#length = buffer.length;
    this.pos = 0;
    this.#depth = depth;
  }

  /** Lets go of the buffer. */
  finish(): void {
    this.#buffer = noBytes;
    if (this.#joints.size > 0) this.#joints.clear();
  }

  enter(length: number): number {
    if (++this.#depth > maxDepth) throw new Error("nested too deeply");
    return this.pos + length;
  }

  leave(): void {
    this.#depth--;
  }

  tag(): number {
    const begin = this.pos;
    const first = this.#buffer[begin] as number;
    if (first < 0x80) {
      this.pos = begin + 1;
      if (first < 8 || (first & 7) > 5) throw new Error("an illegal tag");
      return first;
    }
    const tag = this.uint32();
    const size = this.pos - begin;
    const isTooLarge = size > 5 || (size === 5 && (this.#buffer[this.pos - 1] as number) > 0x0f);
    if (isTooLarge || tag < 8 || (tag & 7) > 5) throw new Error("an illegal tag");
    return tag;
  }

  uint32(): number {
    const buffer = this.#buffer;
    let byte = buffer[this.pos++] as number;
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let shift = 7; shift < 28; shift += 7) {
      byte = buffer[this.pos++] as number;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    byte = buffer[this.pos++] as number;
    value |= (byte & 0x0f) << 28;
    // A negative int32 has ten bytes: what is beyond the 32 bits is passed over.
    for (let more = 0; byte >= 0x80 && more < 5; more++) byte = buffer[this.pos++] as number;
    if (!(byte < 0x80)) throw new Error("an invalid varint");
    return value >>> 0;
  }

  int32(): number {
    return this.uint32() | 0;
  }

  int64(): bigint {
    return BigInt.asIntN(64, this.uint64());
  }

  uint64(): bigint {
    const buffer = this.#buffer;
    // Seven bytes of seven bits are a whole number of JavaScript's.
    let low = 0;
    let scale = 1;
    for (let read = 0; read < 7; read++, scale *= 128) {
      const byte = buffer[this.pos++] as number;
      low += (byte & 0x7f) * scale;
      if (byte < 0x80) return BigInt(low);
    }
    let high = 0n;
    for (let shift = 0n; shift < 21n; shift += 7n) {
      const byte = buffer[this.pos++] as number;
      high |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, (high << 49n) | BigInt(low));
    }
    throw new Error("an invalid varint");
  }

  bool(): boolean {
    const byte = this.#buffer[this.pos] as number;
    if (byte >= 0x80) return this.uint64() !== 0n;
    this.pos++;
    this.#assertInside();
    return byte !== 0;
  }

  double(): number {
    this.pos += 8;
    return this.#buffer.readDoubleLE(this.pos - 8);
  }

  bytes(): Uint8Array {
    const length = this.uint32();
    const begin = this.pos;
    this.pos = begin + length;
    this.#assertInside();
    return this.#buffer.subarray(begin, begin + length);
  }

  string(): string {
    const length = this.uint32();
    const begin = this.pos;
    const end = begin + length;
    this.pos = end;
    this.#assertInside();
    const buffer = this.#buffer;
    if (length <= shortText) {
      const codes = codesByLength[length] as number[];
      let all = 0;
      for (let index = 0; index < length; index++) {
        const code = buffer[begin + index] as number;
        codes[index] = code;
        all |= code;
      }
      if (all < 0x80) return String.fromCharCode.apply(String, codes);
    }
    const text = buffer.toString("utf8", begin, end);
    // What is not UTF-8 was replaced by U+FFFD, which may also stand there by right.
    return text.includes("\ufffd") ? strictUtf8.decode(buffer.subarray(begin, end)) : text;
  }

  skip(tag: number): Uint8Array {
    const begin = this.pos;
    this.#pass(tag, maxDepth - this.#depth);
    return this.#buffer.subarray(begin, this.pos);
  }

  unknown(message: { $unknown?: UnknownField[] }, tag: number): void {
    const data = this.skip(tag);
    message.$unknown ??= [];
    message.$unknown.push({ no: tag >>> 3, wireType: tag & 7, data });
  }

  opaque<T extends { $encoded?: Uint8Array | undefined }>(message: T, length: number): T {
    const end = this.enter(length);
    const begin = this.pos;
    while (this.pos < end) this.#pass(this.tag(), maxDepth - this.#depth);
    this.leave();
    const bytes = this.#buffer.subarray(begin, this.pos);
    // What comes in two parts is one message.
    message.$encoded = message.$encoded === undefined ? bytes : this.#joined(message.$encoded, bytes);
    return message;
  }

  /** Joins two parts. A message may come in a million of them: each is copied behind those before it, where there is room. */
  #joined(before: Uint8Array, part: Uint8Array): Uint8Array {
    const length = before.length + part.length;
    let whole = before.buffer;
    if (!this.#joints.has(whole) || whole.byteLength < length) {
      this.#joints.delete(whole);
      const larger = new Uint8Array(2 * length);
      larger.set(before);
      whole = larger.buffer;
      this.#joints.add(whole);
    }
    const joined = new Uint8Array(whole, 0, length);
    joined.set(part, before.length);
    return joined;
  }

  put(map: Record<string, unknown>, key: string, value: unknown): void {
    if (key !== "__proto__") map[key] = value;
    else Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true });
  }

  #pass(tag: number, depth: number): void {
    switch (tag & 7) {
      case 0:
        while ((this.#buffer[this.pos++] as number) >= 0x80);
        break;
      case 1:
        this.pos += 8;
        break;
      case 2: {
        const length = this.uint32();
        this.pos += length;
        break;
      }
      case 3:
        this.#passGroup(tag, depth);
        break;
      case 5:
        this.pos += 4;
        break;
      default:
        throw new Error("the end of a group that did not begin");
    }
    this.#assertInside();
  }

  #passGroup(tag: number, depth: number): void {
    if (depth <= 0) throw new Error("nested too deeply");
    for (;;) {
      const inner = this.tag();
      if ((inner & 7) !== 4) this.#pass(inner, depth - 1);
      else if (inner >>> 3 === tag >>> 3) return;
      else throw new Error("the end of another group");
    }
  }

  #assertInside(): void {
    if (this.pos > this.#length) throw new RangeError("a message that ends too early");
  }
}
