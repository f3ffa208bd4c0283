/**
 * The table `meta` as the bytes of a page hold it. SQLite itself would read it through the log beside the file, and whether that
 * log belongs to the file is what has to be found out before.
 */

/** Where it lies: it was the first table that was made. */
export const metaPage = 2;

/** A leaf of a table without rowid (https://sqlite.org/fileformat2.html#b_tree_pages). */
const indexLeaf = 0x0a;

/** The rows of `meta` with a text for their value, by name; none if this is another page, or it holds more than fits into one. */
export function metaTexts(page: Buffer): Map<string, string> {
  const texts = new Map<string, string>();
  if (page.length < 8 || page[0] !== indexLeaf) return texts;
  const count = Math.min(page.readUInt16BE(3), Math.floor((page.length - 8) / 2));
  for (let cell = 0; cell < count; cell++) {
    const [name, value] = textsOf(page, page.readUInt16BE(8 + 2 * cell));
    if (name !== undefined && value !== undefined) texts.set(name, value);
  }
  return texts;
}

/** The columns of a record up to the first that is no text. */
function textsOf(page: Buffer, cellAt: number): string[] {
  const [payloadBytes, recordAt] = varint(page, cellAt);
  if (recordAt + payloadBytes > page.length) return [];
  const [headerBytes, typesAt] = varint(page, recordAt);
  const texts: string[] = [];
  let bodyAt = recordAt + headerBytes;
  for (let at = typesAt; at < recordAt + headerBytes; ) {
    const [type, next] = varint(page, at);
    if (type < 13 || type % 2 === 0) break;
    const length = (type - 13) / 2;
    texts.push(page.toString("utf8", bodyAt, bodyAt + length));
    bodyAt += length;
    at = next;
  }
  return texts;
}

/** A varint of at most three bytes, which is all that a small record has, and where it ends. */
function varint(page: Buffer, at: number): [value: number, end: number] {
  let value = 0;
  for (let index = at; index < at + 3; index++) {
    const byte = page[index] ?? 0;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return [value, index + 1];
  }
  return [Number.MAX_SAFE_INTEGER, at + 3];
}
