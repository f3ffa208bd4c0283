import { readFileSync } from "node:fs";

/**
 * Counts the commits in a write-ahead log: frames whose header names the size of the database after a commit, as long as their
 * salt is that of the log (https://sqlite.org/fileformat2.html#walformat). From the outside, so that nothing has to be exposed.
 */
export function countCommits(walPath: string): number {
  const wal = readFileSync(walPath);
  if (wal.length < 32) return 0;
  const frameBytes = 24 + wal.readUInt32BE(8);
  let commits = 0;
  for (let offset = 32; offset + frameBytes <= wal.length; offset += frameBytes) {
    if (!wal.subarray(offset + 8, offset + 16).equals(wal.subarray(16, 24))) break;
    if (wal.readUInt32BE(offset + 4) !== 0) commits++;
  }
  return commits;
}
