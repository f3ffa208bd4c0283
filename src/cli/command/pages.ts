/** One page of a listing, and where the next one begins; an empty token: nowhere. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextPageToken: string;
}

/** The largest page that the server answers. */
const largestPage = 1_000;

/**
 * Follows a listing page by page, until it ends or `limit` items have come.
 *
 * @param fetch answers the page that the token names, of at most `pageSize` items
 * @returns the pages; the last one's token says whether there is more
 */
export async function* pagesOf<T>(
  limit: number,
  fetch: (pageSize: number, pageToken: string) => Promise<Page<T>>,
): AsyncGenerator<Page<T>, void> {
  let left = limit;
  let pageToken = "";
  do {
    const page = await fetch(Math.min(left, largestPage), pageToken);
    yield page;
    left -= page.items.length;
    pageToken = page.nextPageToken;
  } while (pageToken !== "" && left > 0);
}
