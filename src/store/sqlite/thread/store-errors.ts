import { SitqError } from "../../../domain/errors.ts";
import type { Answer } from "./thread-messages.ts";

/** Nothing is acknowledged any more. */
export function storeFailed(): SitqError {
  return new SitqError("STORE_FAILED", "The storage of the server failed; it is stopping. Nothing was acknowledged.");
}

/** The store is closing. */
export function stopping(): SitqError {
  return new SitqError("DRAINING", "The server is stopping.", { retryAfterMs: 1_000 });
}

/** A copy needs as much room as the database has pages. */
export function noRoomForBackup(neededBytes: number): SitqError {
  const text = `A backup needs ${Math.ceil(neededBytes / 1_048_576)} MiB of free disk beside the database of the server.`;
  return new SitqError("DISK_FULL", text, { metadata: { needed_bytes: String(neededBytes) } });
}

/** No server could be started with a copy. @param what what is wrong with it, a few of it */
export function unusableCopy(what: readonly string[]): SitqError {
  const text = `The file of the database is damaged so far that a copy of it cannot be used; there is no backup: ${what.join(", ")}.`;
  return new SitqError("DATA_LOSS", text);
}

/** The error of a call that was not carried out. */
export function errorOf(answer: Extract<Answer, { error: unknown }>): Error {
  switch (answer.error) {
    case "disk_low":
      return diskLow();
    case "disk_full":
      return diskFull();
    case "bug":
      return new Error(answer.message);
  }
}

/** New work is refused while what room there is is kept for outcomes. */
function diskLow(): SitqError {
  const text =
    "The disk of the server is nearly full: what room there is, is kept for outcomes, cancellations and deletions.";
  return new SitqError("DISK_LOW", text, { retryAfterMs: 5_000 });
}

/** Nothing was changed, and may go another time. */
function diskFull(): SitqError {
  return new SitqError("DISK_FULL", "The disk of the server is full.", { retryAfterMs: 10_000 });
}
