/** Gives the members of encoded JSON objects the one order of stored JSON, without decoding the values: they only change places. */

import { firstOfAnotherOrder, isDigit, jsonTags } from "./json-form.ts";

/** What an object of JavaScript has first, in the order of its numbers. */
const indexPattern = /^(?:0|[1-9]\d{0,9})$/;
const mostIndex = 4_294_967_294;

/** Up to this length a loop is faster than a call. */
const fewBytes = 64;

/** A member of an object, by where it and its key stand. */
interface Member {
  readonly begin: number;
  readonly end: number;
  readonly keyBegin: number;
  readonly keyEnd: number;
  /** Decoded when its bytes do not say its place. */
  key: Key | null;
}

/** The name of a member. */
interface Key {
  readonly text: string;
  /** The number that it is, before all others; -1: it is none. */
  readonly index: number;
}

/**
 * A copy with the members of all objects in order.
 *
 * @param bytes end with a google.protobuf.Value that begins at `begin`, of the form that `jsonFormOf` calls plain
 * @returns `null`: an object has two members of one name
 */
export function withSortedMembers(bytes: Uint8Array, begin: number): Uint8Array | null {
  const sorter = new Sorter(bytes);
  // No Buffer, which JSON.stringify writes in a way of its own.
  return sorter.sort(begin) ? new Uint8Array(sorter.bytes.buffer) : null;
}

class Sorter {
  readonly bytes: Buffer;
  #scratch = Buffer.alloc(fewBytes);
  /** Behind what was read last. */
  #at = 0;

  constructor(bytes: Uint8Array) {
    // Not in Node's pool: another thread would be sent the whole of it.
    this.bytes = Buffer.from(Uint8Array.from(bytes).buffer);
  }

  /** Sorts in the value that begins there; `false`: it has two members of one name. */
  sort(begin: number): boolean {
    const tag = this.bytes[begin];
    if (tag !== jsonTags.structValue && tag !== jsonTags.listValue) return true;
    const end = this.#end(begin + 1);
    return tag === jsonTags.listValue ? this.#sortItems(this.#at, end) : this.#sortMembers(this.#at, end);
  }

  #sortItems(begin: number, end: number): boolean {
    for (let at = begin; at < end; ) {
      const itemEnd = this.#end(at + 1);
      if (!this.sort(this.#at)) return false;
      at = itemEnd;
    }
    return true;
  }

  #sortMembers(begin: number, end: number): boolean {
    const members: Member[] = [];
    let isSorted = true;
    let last: Member | null = null;
    for (let at = begin; at < end; ) {
      const memberEnd = this.#end(at + 1);
      const keyEnd = this.#end(this.#at + 1);
      const member: Member = { begin: at, end: memberEnd, keyBegin: this.#at, keyEnd, key: null };
      this.#end(keyEnd + 1);
      if (!this.sort(this.#at)) return false;
      isSorted &&= last === null || this.#compare(last, member) < 0;
      members.push(member);
      last = member;
      at = memberEnd;
    }
    return isSorted || this.#place(members, begin, end);
  }

  #place(members: Member[], begin: number, end: number): boolean {
    members.sort((a, b) => this.#compare(a, b));
    let last: Member | null = null;
    for (const member of members) {
      if (last !== null && this.#compare(last, member) === 0) return false;
      last = member;
    }
    if (this.#scratch.length < end - begin) this.#scratch = Buffer.alloc(end - begin);
    copy(this.bytes, begin, end, this.#scratch, 0);
    let at = begin;
    for (const member of members) {
      copy(this.#scratch, member.begin - begin, member.end - begin, this.bytes, at);
      at += member.end - member.begin;
    }
    return true;
  }

  /** As an object of JavaScript has its members whose names were added in order. */
  #compare(a: Member, b: Member): number {
    const { bytes } = this;
    if (isDigit(bytes[a.keyBegin]) || isDigit(bytes[b.keyBegin])) return compareKeys(this.#key(a), this.#key(b));
    const [aLength, bLength] = [a.keyEnd - a.keyBegin, b.keyEnd - b.keyBegin];
    const length = Math.min(aLength, bLength);
    for (let index = 0; index < length; index++) {
      const one = bytes[a.keyBegin + index] ?? 0;
      const other = bytes[b.keyBegin + index] ?? 0;
      if (one === other) continue;
      if (Math.max(one, other) >= firstOfAnotherOrder) return compareKeys(this.#key(a), this.#key(b));
      return one - other;
    }
    return aLength - bLength;
  }

  /** Decodes a key once: each is compared a dozen times and more. */
  #key(member: Member): Key {
    if (member.key === null) {
      const text = this.bytes.toString("utf8", member.keyBegin, member.keyEnd);
      member.key = { text, index: indexOf(text) };
    }
    return member.key;
  }

  /** Where what has its length at `at` ends. */
  #end(at: number): number {
    let length = 0;
    for (let index = 0; ; index++) {
      const byte = this.bytes[at + index] ?? 0;
      length |= (byte & 0x7f) << (7 * index);
      if (byte >= 0x80) continue;
      this.#at = at + index + 1;
      return this.#at + length;
    }
  }
}

function copy(from: Buffer, begin: number, end: number, to: Buffer, at: number): void {
  if (end - begin > fewBytes) from.copy(to, at, begin, end);
  else for (let index = begin; index < end; index++) to[at + index - begin] = from[index] ?? 0;
}

function indexOf(text: string): number {
  return indexPattern.test(text) && Number(text) <= mostIndex ? Number(text) : -1;
}

function compareKeys(a: Key, b: Key): number {
  if (a.index !== -1 && b.index !== -1) return a.index - b.index;
  if (a.index !== b.index) return a.index === -1 ? 1 : -1;
  if (a.text === b.text) return 0;
  return a.text < b.text ? -1 : 1;
}
