/**
 * Checksums of what is delivered, made when it is stored and compared before it is handed out. They find what the disk has
 * changed, not what a person has: CRC-32 finds every change of up to 32 bits in a row, and misses one in 4 thousand million others.
 *
 * Measured with a payload of 200 bytes: 0.2 µs a task, when it is stored and when it is claimed. With one text for all fields in the
 * place of the mixed numbers it was 1.0.
 */

import { crc32 } from "node:zlib";

/** Something that was to be delivered is not as it was stored. */
export class DataLoss extends Error {
  override readonly name = "DataLoss";
}

/** What a row says its checksum is; `null`: it has none. */
interface Checked {
  readonly checksum: number | null;
}

/** The checksum of a workflow's name and plan. */
export function planChecksum(workflowId: number, name: string, plan: string): number {
  return mixed(mixed(withNumber(0, workflowId), textSum(name)), textSum(plan));
}

/** The checksum of bytes that belong to a task or a workflow: its result, or its input. */
export function bytesChecksum(key: number, bytes: Uint8Array | null): number {
  return withBytes(withNumber(0, key), bytes);
}

/** Whether a row is as it was stored, as far as can be known. */
export function isSound<Row>(row: Row & Checked, checksum: (row: Row) => number): boolean {
  return row.checksum === null || row.checksum === checksum(row);
}

/** One to one in each of the two, so that no change of one field alone goes unseen. Signed, as it is stored in four bytes. */
export function mixed(sum: number, value: number): number {
  const product = Math.imul(sum ^ value, 0x01000193);
  return (product << 13) | (product >>> 19);
}

/** Of numbers up to 2^53. */
export function withNumber(sum: number, value: number | null): number {
  return value === null ? mixed(sum, -1) : mixed(mixed(sum, value | 0), Math.floor(value / 4_294_967_296));
}

/**
 * A flipped bit can make bytes a text or a number, and a text bytes, with the same content: then the row cannot be written any
 * more.
 */
export function withBytes(sum: number, bytes: Uint8Array | null): number {
  if (bytes === null) return mixed(sum, -1);
  return bytes instanceof Uint8Array ? crc32(bytes, sum >>> 0) | 0 : mixed(sum, -2);
}

export function textSum(text: string | null): number {
  if (text === null) return -1;
  return typeof text === "string" ? crc32(text) : -2;
}

/** The sums of texts of which there are few: a look costs a tenth of a sum. */
const wordSums = new Map<string, number>();
const keptWords = 1_000;

export function wordSum(word: string | null): number {
  if (word === null) return -1;
  const known = wordSums.get(word);
  if (known !== undefined) return known;
  const sum = textSum(word);
  if (wordSums.size < keptWords) wordSums.set(word, sum);
  return sum;
}
