/** What the server refuses by its own state: it is stopping, busy, or short of disk; and what no call may send. */

import { SitqError } from "../errors.ts";

/** The server is stopping; the call may be repeated. @param note what the caller should know. Default: that it may be repeated */
export function draining(note = "Try again in a moment."): SitqError {
  return new SitqError("DRAINING", `The server is stopping. ${note}`, { retryAfterMs: 1_000 });
}

/** Nothing is acknowledged any more. */
export function storeFailed(): SitqError {
  return new SitqError(
    "STORE_FAILED",
    "The server's storage failed; the server is stopping. The write was not acknowledged.",
  );
}

/** The store has all the work it takes. One for all calls: its text is always the same, and making an error costs more than refusing. */
export const overloaded = new SitqError(
  "OVERLOADED",
  "The server is overloaded. Nothing was stored. Try again later.",
  { retryAfterMs: 1_000 },
);

/** New work is refused while what room there is is kept for outcomes. */
export function diskLow(): SitqError {
  const text =
    "The disk of the server is nearly full: what room there is, is kept for outcomes, cancellations and deletions.";
  return new SitqError("DISK_LOW", text, { retryAfterMs: 5_000 });
}

/** Nothing was changed, and may go another time. */
export function diskFull(): SitqError {
  return new SitqError("DISK_FULL", "The disk of the server is full.", { retryAfterMs: 10_000 });
}

/** A copy needs as much room as the database has pages. @param neededBytes `null`: there is no room at all */
export function noRoomForBackup(neededBytes: number | null): SitqError {
  if (neededBytes === null) {
    return new SitqError("DISK_FULL", "There is no free disk beside the database of the server.");
  }
  const text = `A backup needs ${Math.ceil(neededBytes / 1_048_576)} MiB of free disk beside the database of the server.`;
  return new SitqError("DISK_FULL", text, { metadata: { needed_bytes: String(neededBytes) } });
}

/** No server could be started with a copy. @param what what is wrong with it, a few of it */
export function unusableBackup(what: readonly string[]): SitqError {
  const text = `The file of the database is damaged so far that a copy of it cannot be used; there is no backup: ${what.join(", ")}.`;
  return new SitqError("DATA_LOSS", text);
}

/** One backup runs at a time. */
export function backupRunning(): SitqError {
  return new SitqError("BACKUP_RUNNING", "Another backup is running. Wait for it to end.");
}

/** What is shown is a file, such as a backup, which is not changed. */
export function readOnly(): SitqError {
  const text =
    "The server shows a file, and changes nothing in it. Call the server that the file is of, or start one with `sitq serve --db` on a copy.";
  return new SitqError("READ_ONLY", text);
}

/** The server, a principal, or without credentials an address has as many watchers as it may. */
export function tooManyWatchers(of: "server" | "principal" | "address", maxWatchers: number): SitqError {
  return new SitqError("TOO_MANY_WATCHERS", `The ${of} has ${maxWatchers} watchers, its limit.`, {
    metadata: { of, max_watchers: String(maxWatchers) },
    retryAfterMs: 1_000,
  });
}

/** A stream sends more messages without work than it may. @param perMinute how many it may send */
export function tooManyIdleMessages(perMinute: number): SitqError {
  const text = `The stream sent more than ${perMinute} messages without work in a minute: heartbeats without progress, changes of capacity, empty or invalid requests.`;
  return new SitqError("TOO_MANY_IDLE_MESSAGES", text, {
    metadata: { per_minute: String(perMinute) },
    retryAfterMs: 60_000,
  });
}

/** A large message waited for others of the same principal or address, which did not become whole. @param maxBytes what they may have */
export function tooManyUnfinishedBytes(maxBytes: number): SitqError {
  const text = `Other messages of the caller have ${maxBytes} bytes that are not whole, its limit, and this one waited for them too long. Send fewer large ones at a time.`;
  return new SitqError("TOO_MANY_UNFINISHED_BYTES", text, {
    metadata: { max_bytes: String(maxBytes) },
    retryAfterMs: 1_000,
  });
}

/** A watcher reads more slowly than things change. @param advice how it begins again */
export function watchTooSlow(bytesBehind: number, advice: string): SitqError {
  const text = `The watcher fell ${bytesBehind} bytes behind. ${advice}`;
  return new SitqError("WATCH_TOO_SLOW", text, { retryAfterMs: 1_000 });
}

/** A watcher that is sent how things are, not each change, reads nothing. */
export function watchUnread(ms: number, advice: string): SitqError {
  const text = `The watcher has read nothing for ${Math.round(ms / 1_000)} seconds, while there was more to send. ${advice}`;
  return new SitqError("WATCH_TOO_SLOW", text, { retryAfterMs: 1_000 });
}

/** A page token belongs to another query. */
export function invalidPageToken(): SitqError {
  return new SitqError("INVALID_PAGE_TOKEN", "page_token: is not a token of this query. Start without one.", {
    field: "page_token",
  });
}

/** A payload is larger than this server takes. */
export function payloadTooLarge(field: string, bytes: number, maxBytes: number): SitqError {
  const text = `${field}: has ${bytes} bytes encoded; at most ${maxBytes} are allowed. Store it elsewhere and send its address.`;
  return new SitqError("PAYLOAD_TOO_LARGE", text, { field, metadata: { max_bytes: String(maxBytes) } });
}

/** The database does not answer: nothing was changed, and the call may be repeated. */
export function storeUnreachable(): SitqError {
  const text = "The server cannot reach its database. Nothing was changed. Try again later.";
  return new SitqError("STORE_UNREACHABLE", text, { retryAfterMs: 1_000 });
}

/** The data are in a database that has backups of its own. */
export function unsupportedBackup(): SitqError {
  const text =
    "The data are in PostgreSQL, which has backups of its own: use pg_dump, or pg_basebackup with its write-ahead log archived.";
  return new SitqError("BACKUP_UNSUPPORTED", text);
}
