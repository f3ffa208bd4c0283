import { limits } from "../../contract/limits.ts";

/** One page of a listing, and where the next one begins; an empty token: nowhere. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextPageToken: string;
}

/** Reads the page that a token names, of at most `pageSize` items; an empty token: the first. */
export type FetchPage<T> = (page: { readonly pageSize: number; readonly pageToken: string }) => Promise<Page<T>>;

/**
 * Follows a listing page by page, until it ends or `limit` items have come.
 *
 * @returns the pages; the last one's token says whether there is more
 */
export async function* pagesOf<T>(limit: number, fetch: FetchPage<T>): AsyncGenerator<Page<T>, void> {
  let left = limit;
  let pageToken = "";
  do {
    const page = await fetch({ pageSize: Math.min(left, limits.pageSize), pageToken });
    yield page;
    left -= page.items.length;
    pageToken = page.nextPageToken;
  } while (pageToken !== "" && left > 0);
}

/** Reads all items of a listing, page by page. */
export async function allItems<T>(fetch: FetchPage<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const { items } of pagesOf(Number.POSITIVE_INFINITY, fetch)) found.push(...items);
  return found;
}
