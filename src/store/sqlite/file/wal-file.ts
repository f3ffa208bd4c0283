/** What a write-ahead log says of itself, read from its bytes (https://sqlite.org/fileformat2.html#walformat). */

import { fstatSync } from "node:fs";
import { readAt, withFile } from "./file-bytes.ts";
import { metaPage, metaTexts } from "./meta-page.ts";

/** Which log it is. */
export interface WalHeader {
  /** The same for as long as SQLite goes on with the file: each new round raises the salt and the generation by 1. */
  readonly lineage: number;
  /** How often it was begun anew after a checkpoint. */
  readonly generation: number;
}

/** What stands in the place of a log: nothing, something that SQLite takes for an empty one, or a log. */
export type WalFile = { readonly kind: "none" | "unreadable" } | ({ readonly kind: "wal" } & WalHeader);

const headerBytes = 32;
const frameHeaderBytes = 24;
/** Its lowest bit says in which byte order the checksums are counted. */
const magic = 0x377f0682;

/** Looks at a log. The lock of the database does not hang on this file, so that it may be opened and closed at any time. */
export function readWalFile(walPath: string): WalFile {
  const found = withFile<WalFile>(walPath, (file) => {
    if (fstatSync(file).size === 0) return { kind: "none" };
    const header = headerOf(readAt(file, 0, headerBytes));
    return header === null ? { kind: "unreadable" } : { kind: "wal", ...header };
  });
  return found ?? { kind: "none" };
}

/** What the texts of `meta` were, commit by commit, as far as the log goes. */
export function walMetas(walPath: string): Map<string, string>[] {
  const metas = withFile(walPath, (file) => {
    const header = readAt(file, 0, headerBytes);
    if (headerOf(header) === null) return [];
    const pageBytes = header.readUInt32BE(8);
    const salts = header.subarray(16, 24);
    const found: Map<string, string>[] = [];
    for (let at = headerBytes; ; at += frameHeaderBytes + pageBytes) {
      const frame = readAt(file, at, frameHeaderBytes);
      if (frame.length < frameHeaderBytes || !frame.subarray(8, 16).equals(salts)) return found;
      if (frame.readUInt32BE(0) === metaPage) found.push(metaTexts(readAt(file, at + frameHeaderBytes, pageBytes)));
    }
  });
  return metas ?? [];
}

function headerOf(bytes: Buffer): WalHeader | null {
  if (bytes.length < headerBytes || (bytes.readUInt32BE(0) & ~1) !== magic) return null;
  const inBigEndian = (bytes[3] ?? 0) % 2 === 1;
  const word = (at: number) => (inBigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  let first = 0;
  let second = 0;
  for (let at = 0; at < 24; at += 8) {
    first = (first + word(at) + second) >>> 0;
    second = (second + word(at + 4) + first) >>> 0;
  }
  if (first !== bytes.readUInt32BE(24) || second !== bytes.readUInt32BE(28)) return null;
  const generation = bytes.readUInt32BE(12);
  return { lineage: (bytes.readUInt32BE(16) - generation) >>> 0, generation };
}
