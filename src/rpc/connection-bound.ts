import { readFileSync } from "node:fs";
import type { Server } from "node:net";
import type { Clock } from "../domain/clock.ts";
import type { Log } from "../domain/log.ts";

/** Descriptors that stay for the database, the probes and what the process itself needs. */
const reservedDescriptors = 40;
/** A line of the log is written once in this time, in milliseconds, however many connections are refused. */
const quietMs = 60_000;

/**
 * Bounds the connections of some listeners, below what the process may have open: without it the system runs out of descriptors
 * first, and closes connections without a word, since Node hears nothing of them (libuv accepts and closes them itself).
 *
 * @param most what the operator allows
 */
export function boundConnections(
  listeners: readonly Server[],
  most: number,
  { clock, log }: { readonly clock: Clock; readonly log: Pick<Log, "warn"> },
): void {
  const descriptors = openFilesLimit();
  const bound = descriptors === null ? most : Math.min(most, Math.max(1, descriptors - reservedDescriptors));
  let quietUntil = Number.NEGATIVE_INFINITY;
  for (const listener of listeners) {
    listener.maxConnections = bound;
    listener.on("drop", () => {
      if (clock.monotonic() < quietUntil) return;
      quietUntil = clock.monotonic() + quietMs;
      const why = bound < most ? "its limit of open files" : "max-connections";
      log.warn({ connections: bound, open_files: descriptors }, `refusing connections: the server is at ${why}`);
    });
  }
}

/** How many files the process may have open; `null`: the system does not say, or sets no limit. */
function openFilesLimit(): number | null {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
    return limit === undefined ? null : Number(limit);
  } catch {
    // Only Linux has this file.
    return null;
  }
}
