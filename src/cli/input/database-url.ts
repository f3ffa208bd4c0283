import { InvalidArgumentError } from "commander";

/**
 * Reads the URL of a database of PostgreSQL. It is checked before anything is opened, and is not shown: it may hold a password.
 *
 * @throws InvalidArgumentError if it is none
 */
export function parseDatabaseUrl(text: string): string {
  if (/^postgres(ql)?:\/\/[^/]+\/./.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError("Expected the URL of a database, such as postgres://sitq@db.example/sitq.");
}

/** A database in messages: without the user, the password and the parameters. */
export function databaseName(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
