import { toStoredText } from "./text.ts";

/**
 * Lists of values as PostgreSQL sends and receives them in binary, of which the server of the database has nothing to take apart: a list of 200
 * payloads as text, in hexadecimal digits, costs both sides several times as much.
 *
 * A list: the number of dimensions, whether it holds NULL, the type of its elements, its length, the number of the first one; then each
 * element behind its length, -1 for NULL. See `array_recv` in src/backend/utils/adt/arrayfuncs.c of PostgreSQL.
 */

/** How values of a type are written. */
interface ElementType<Value> {
  /** In PostgreSQL's catalogue; it never changes. */
  readonly oid: number;
  /** The value as it is written. */
  prepare(value: unknown): Value;
  /** How many bytes that are. */
  size(value: Value): number;
  write(value: Value, to: Buffer, at: number): void;
}

const headBytes = 20;
const lengthBytes = 4;
const isNullLength = -1;

const bool: ElementType<boolean> = {
  oid: 16,
  prepare: (value) => value === true,
  size: () => 1,
  write: (value, to, at) => void to.writeUInt8(value ? 1 : 0, at),
};
const bytea: ElementType<Uint8Array> = {
  oid: 17,
  prepare: (value) => value as Uint8Array,
  size: (value) => value.byteLength,
  write: (value, to, at) => to.set(value, at),
};
const bigint: ElementType<number> = {
  oid: 20,
  prepare: wholeNumber,
  size: () => 8,
  write(value, to, at) {
    const high = Math.floor(value / 2 ** 32);
    to.writeInt32BE(high, at);
    to.writeUInt32BE(value - high * 2 ** 32, at + 4);
  },
};
const smallint: ElementType<number> = {
  oid: 21,
  prepare: wholeNumber,
  size: () => 2,
  write: (value, to, at) => void to.writeInt16BE(value, at),
};
const int: ElementType<number> = {
  oid: 23,
  prepare: wholeNumber,
  size: () => 4,
  write: (value, to, at) => void to.writeInt32BE(value, at),
};
const text: ElementType<string> = {
  oid: 25,
  prepare: (value) => toStoredText(String(value)),
  size: (value) => Buffer.byteLength(value),
  write: (value, to, at) => void to.write(value, at),
};

/** By the names that statements cast to. */
const elementTypes = new Map<string, ElementType<never>>(
  Object.entries({ bool, bytea, bigint, smallint, int, text }) as [string, ElementType<never>][],
);

/** Turns a list into what is sent. */
export type ListEncoder = (list: readonly unknown[]) => Buffer;

/** The encoders of a statement's values, by their numbers from 0 on: of those that it casts to a list, as in `$1::bigint[]`. */
export function listEncoders(statement: string): readonly (ListEncoder | undefined)[] {
  const encoders: (ListEncoder | undefined)[] = [];
  for (const [, number, name = ""] of statement.matchAll(/\$(\d+)::(\w+)\[\]/g)) {
    const type = elementTypes.get(name);
    if (type !== undefined) encoders[Number(number) - 1] = (list) => encodeList(list, type);
  }
  return encoders;
}

function encodeList<Value>(list: readonly unknown[], type: ElementType<Value>): Buffer {
  let bytes = headBytes;
  let hasNull = 0;
  const values = list.map((value) => {
    bytes += lengthBytes;
    if (value === null || value === undefined) {
      hasNull = 1;
      return null;
    }
    const prepared = type.prepare(value);
    bytes += type.size(prepared);
    return prepared;
  });
  const encoded = Buffer.allocUnsafe(bytes);
  encoded.writeInt32BE(1, 0);
  encoded.writeInt32BE(hasNull, 4);
  encoded.writeInt32BE(type.oid, 8);
  encoded.writeInt32BE(values.length, 12);
  encoded.writeInt32BE(1, 16);
  let at = headBytes;
  for (const value of values) {
    if (value === null) {
      at = encoded.writeInt32BE(isNullLength, at);
      continue;
    }
    const size = type.size(value);
    at = encoded.writeInt32BE(size, at);
    type.write(value, encoded, at);
    at += size;
  }
  return encoded;
}

function wholeNumber(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw new Error(`${value} is no whole number`);
  return value as number;
}
