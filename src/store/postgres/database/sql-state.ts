/** What errors of PostgreSQL mean, by their SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html */

/**
 * The five characters of an error that the database sent; empty: it sent none, so the connection failed. Codes of the operating system, such as
 * EPIPE, look like them.
 */
export function sqlStateOf(error: unknown): string {
  if (!(error instanceof Error) || "syscall" in error || !("code" in error)) return "";
  return typeof error.code === "string" && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : "";
}

/** What the open transaction has found is not so any more: it has to be undone, and repeated. */
export class Repeatable extends Error {
  constructor() {
    super("another server was in the way");
  }
}

/** Whether two transactions were in each other's way, or one waited too long for a lock, so that this one was undone and may be repeated. */
export function isConflict(error: unknown): boolean {
  return error instanceof Repeatable || ["40001", "40P01", "55P03", "57014"].includes(sqlStateOf(error));
}

/** Whether a statement was ended since it took longer than it may, or waited as long for a lock. */
export function isTooSlow(error: unknown): boolean {
  return sqlStateOf(error) === "57014";
}

/** Whether a statement waited longer for a lock than its session may. */
export function isLockTimeout(error: unknown): boolean {
  return sqlStateOf(error) === "55P03";
}

/** Whether a row was not stored since another has the same unique key. */
export function isTaken(error: unknown): boolean {
  return sqlStateOf(error) === "23505";
}

/** Whether a statement divided by zero. */
export function isDivisionByZero(error: unknown): boolean {
  return sqlStateOf(error) === "22012";
}

/** Whether the database has no room. */
export function isDiskFull(error: unknown): boolean {
  return sqlStateOf(error) === "53100";
}

/**
 * Whether the connection, or the database, went away: classes 08 and 57P, and `53300` (too many connections). It may come back.
 * Errors of the network come without a SQLSTATE.
 */
export function isConnectionLost(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state !== "") return state.startsWith("08") || state.startsWith("57P") || state === "25P03" || state === "53300";
  return error instanceof Error && ("errno" in error || /connection|terminated|timeout|closed/i.test(error.message));
}
