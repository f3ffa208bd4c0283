import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Case } from "../case.ts";
import { median } from "../quantile.ts";

/** A page of the database, and as many as a commit of 64 tasks writes. */
const sizes = [
  { name: "4 KiB", bytes: 4_096 },
  { name: "80 KiB", bytes: 81_920 },
] as const;
/** It writes over the same part of the file, as the WAL does. */
const fileBytes = 16_777_216;

/** The ceiling of everything that waits for the disk: nothing is durable in less time. */
export const sync: Case = {
  name: "sync",
  what: "one write and one fdatasync, over and over",
  server: "none",
  async run({ directory, quick }, rounds) {
    const file = openSync(join(directory, "sync"), "w");
    const writes = quick ? 50 : 1_000;
    const measure = (bytes: number) => medianOf(file, Buffer.alloc(bytes, 1), writes);
    measure(fileBytes / 4);
    const figures = Array.from({ length: rounds }, () =>
      sizes.map(({ name, bytes }) => ({ name, unit: "ms" as const, value: measure(bytes) })),
    );
    closeSync(file);
    return figures;
  },
};

function medianOf(file: number, bytes: Buffer, writes: number): number {
  const spans: number[] = [];
  for (let at = 0; spans.length < writes; at = (at + bytes.length) % fileBytes) {
    const beganMs = performance.now();
    writeSync(file, bytes, 0, bytes.length, at);
    fdatasyncSync(file);
    spans.push(performance.now() - beganMs);
  }
  return median(spans);
}
