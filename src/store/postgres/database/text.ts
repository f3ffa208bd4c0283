/**
 * Texts as PostgreSQL can store them. Its `text` holds every character but U+0000, which the contract allows in subjects, correlation ids,
 * messages of errors and others: it is stored as U+0001 and `0`, and U+0001 itself as U+0001 and `1`. No two texts are stored alike.
 * Texts are still compared for being the same in SQL; how they sort, and how long they are, differs only for those that hold one of the two.
 */

const mark = "\u0001";
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it looks for
const special = /[\u0000\u0001]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it looks for
const escaped = /\u0001([01])/g;

/** A value as it is sent: texts, and lists of texts, without U+0000. Everything else stays as it is. */
export function toStored(value: unknown): unknown {
  if (typeof value === "string") return toStoredText(value);
  if (Array.isArray(value) && value.some(isSpecial)) return value.map(toStored);
  return value;
}

/** A text as it was before it was sent. */
export function fromStored(text: string): string {
  if (!text.includes(mark)) return text;
  return text.replace(escaped, (_, digit: string) => (digit === "0" ? "\0" : mark));
}

/** A text as it is sent. */
export function toStoredText(text: string): string {
  if (!isSpecial(text)) return text;
  return text.replace(special, (character) => (character === "\0" ? `${mark}0` : `${mark}1`));
}

function isSpecial(value: unknown): boolean {
  return typeof value === "string" && (value.includes("\0") || value.includes(mark));
}

/**
 * A column of JSON, which is of type `text`, as PostgreSQL can take it apart: its own JSON cannot answer a text with U+0000. What it answers is
 * stored text.
 */
export function jsonSql(column: string): string {
  return `replace(replace(${column}, '\\u0001', '\\u00011'), '\\u0000', '\\u00010')::json`;
}
