/** The bytes of many records in one array: a message between threads pays for each array that it carries, not for its size. */
export interface PackedBytes {
  readonly bytes: Uint8Array;
  /** In the order in which they were packed; -1 stands for `null`. */
  readonly lengths: readonly number[];
}

/** Packs byte fields, in their order. */
export function packBytes(fields: readonly (Uint8Array | null)[]): PackedBytes {
  const lengths = fields.map((field) => field?.length ?? -1);
  // Of its own: a view into a pool would be sent with the whole pool.
  const bytes = new Uint8Array(fields.reduce((sum, field) => sum + (field?.length ?? 0), 0));
  let at = 0;
  for (const field of fields) {
    if (field === null) continue;
    bytes.set(field, at);
    at += field.length;
  }
  return { bytes, lengths };
}

/** The fields again, as views. */
export function unpackBytes({ bytes, lengths }: PackedBytes): (Uint8Array | null)[] {
  let at = 0;
  return lengths.map((length) => {
    if (length === -1) return null;
    at += length;
    return bytes.subarray(at - length, at);
  });
}
