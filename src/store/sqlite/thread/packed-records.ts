/**
 * Records as they go from thread to thread. Of each only the values that differ from those of the record before are sent, after a
 * mask that says which, and the bytes of all stand in one array: a message pays for each name, value and array that it carries, not
 * for its size. And a text that all of them have is one text on the other side, not one for each.
 *
 * In microseconds for a record there and back, with 200 bytes of payload, in calls of 1, 16 and 100 records:
 *
 * |                                    | enqueue        | claim          | settle         |
 * | ---------------------------------- | -------------- | -------------- | -------------- |
 * | what differs from the one before   | 4.9, 0.8, 0.50 | 5.3, 0.7, 0.38 | 3.0, 0.5, 0.32 |
 * | what differs from the usual values | 4.9, 0.9, 0.70 | 5.5, 0.9, 0.57 | 3.0, 0.7, 0.50 |
 * | as objects                         | 4.2, 1.9, 1.7  | 4.4, 1.2, 1.0  | 2.6, 1.2, 1.1  |
 *
 * A table walked to send all values takes up to twice as long as rows by hand: what is sent counts, not the walk.
 */

/** The packed form. */
export interface PackedRecords {
  /** Of each record a mask, whose bit n is set if field n is not as in the record before, and then the values of these fields. */
  readonly values: readonly unknown[];
  /** The bytes of all records; `null`: none has any. */
  readonly bytes: Uint8Array | null;
  /** How many bytes each record has; -1 stands for `null`. */
  readonly lengths: readonly number[] | null;
}

/** Turns values into what is sent for them, and back. */
export interface Packing<Value, Packed = unknown> {
  pack(value: Value): Packed;
  unpack(packed: Packed): Value;
}

/** How the records of a kind are sent. */
export interface RecordPacking<Item> extends Packing<readonly Item[], PackedRecords> {
  unpack(packed: PackedRecords): Item[];
}

/** Marks the field whose bytes go into the common array. A record has at most one. */
export const bytes: unique symbol = Symbol("bytes");

/** The fields of a record, at most 32 beside the bytes: each with the value that the first record usually has; `null` for those of which there is none. */
export type FieldTable<Item> = {
  readonly [Name in keyof Item]-?: null | Item[Name] | (Uint8Array extends Item[Name] ? typeof bytes : never);
};

/**
 * Builds the packing of a kind of record from the table of its fields. A record without bytes that equals the one before it comes out
 * as the same object.
 */
export function packingOf<Item extends object>(table: FieldTable<Item>): RecordPacking<Item> {
  const names = Object.keys(table) as (keyof Item)[];
  const bytesName = names.find((name) => table[name] === bytes);
  const fields = names.filter((name) => name !== bytesName);
  if (fields.length > 32) throw new Error("a mask has no bit for a 33rd field");
  const usual: readonly unknown[] = fields.map((name) => table[name]);
  const first = { ...table, ...(bytesName !== undefined && { [bytesName]: null }) } as {
    [Name in keyof Item]: unknown;
  };

  return {
    pack(items) {
      const values: unknown[] = [];
      const before = [...usual];
      for (const item of items) {
        const start = values.push(0) - 1;
        let mask = 0;
        for (let at = 0; at < fields.length; at++) {
          const value: unknown = item[fields[at] as keyof Item];
          if (value === before[at]) continue;
          before[at] = value;
          mask |= 1 << at;
          values.push(value);
        }
        values[start] = mask;
      }
      return { values, ...(bytesName === undefined ? noBytes : joined(items, bytesName)) };
    },

    unpack({ values, bytes: all, lengths }) {
      const items: Item[] = [];
      let last = first;
      let nextByte = 0;
      for (let next = 0; next < values.length; ) {
        let mask = values[next++] as number;
        if (mask !== 0 || bytesName !== undefined) last = { ...last };
        for (let at = 0; mask !== 0; mask >>>= 1, at++) {
          if ((mask & 1) === 1) last[fields[at] as keyof Item] = values[next++];
        }
        if (bytesName !== undefined) {
          const length = lengths?.[items.length] ?? -1;
          const begin = nextByte;
          nextByte += Math.max(length, 0);
          last[bytesName] = length < 0 ? null : all?.subarray(begin, nextByte);
        }
        items.push(last as Item);
      }
      return items;
    },
  };
}

const noBytes = { bytes: null, lengths: null };

function joined<Item>(items: readonly Item[], name: keyof Item): Pick<PackedRecords, "bytes" | "lengths"> {
  const lengths: number[] = [];
  let size = 0;
  let isAllNull = true;
  for (const item of items) {
    const part = item[name] as Uint8Array | null;
    lengths.push(part?.length ?? -1);
    size += part?.length ?? 0;
    isAllNull &&= part === null;
  }
  if (isAllNull) return noBytes;
  // Of its own: a view into a pool would be sent with the whole pool.
  const all = new Uint8Array(size);
  let at = 0;
  for (const item of items) {
    const part = item[name] as Uint8Array | null;
    if (part === null) continue;
    all.set(part, at);
    at += part.length;
  }
  return { bytes: all, lengths };
}
