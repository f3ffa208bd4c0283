import { createHash } from "node:crypto";
import { invalidPageToken } from "../../domain/refusals/server.ts";

/** The mark of a query: a token of one query is no good for another. */
function markOf(query: unknown): string {
  return createHash("sha256").update(JSON.stringify(query)).digest("base64url").slice(0, 12);
}

/**
 * Makes the opaque token of the next page; empty if there is none.
 *
 * @param query everything that decides which items are listed, without size and token
 * @param cursor where the next page begins
 */
export function toPageToken(query: unknown, cursor: string | null): string {
  return cursor === null ? "" : tokensOf(query).toToken(cursor);
}

/** Tokens of one query, for many in a row. */
export interface Tokens {
  toToken(cursor: string): string;
  /** The cursor of a token; `undefined` if it is none of this query's. */
  cursorOf(token: string): string | undefined;
}

/** The tokens of a query. */
export function tokensOf(query: unknown): Tokens {
  const mark = markOf(query);
  return {
    toToken: (cursor) => Buffer.from(`${mark}${cursor}`).toString("base64url"),
    cursorOf(token) {
      const text = Buffer.from(token, "base64url").toString();
      return text.startsWith(mark) ? text.slice(mark.length) : undefined;
    },
  };
}

/**
 * The cursor of a token; `null` for the first page.
 *
 * @throws SitqError INVALID_PAGE_TOKEN if it is not one of this query's
 */
export function fromPageToken(query: unknown, token: string): string | null {
  if (token === "") return null;
  const cursor = tokensOf(query).cursorOf(token);
  if (cursor === undefined) throw invalidPageToken();
  return cursor;
}
