import { closeSync, openSync, readSync } from "node:fs";

/** Opens a file for reading as long as `use` runs; `null` if it is not there. */
export function withFile<T>(path: string, use: (file: number) => T): T | null {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  try {
    return use(file);
  } finally {
    closeSync(file);
  }
}

/** Bytes of a file; fewer at its end. */
export function readAt(file: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, at));
}
