/** How many are read at a time, at the least, behind what is not allowed. */
const readAhead = 500;

/**
 * Lists what is allowed, in the order of the names. It reads on past what is not: a page that ended there would have its name in the
 * token of the next.
 *
 * @param list reads a page from after a name; `null`: from the first
 */
export async function listAllowed<T extends { readonly name: string }>(
  list: (after: string | null, limit: number) => Promise<readonly T[]>,
  allows: (item: T) => boolean,
  after: string | null,
  limit: number,
): Promise<readonly T[]> {
  const allowed: T[] = [];
  let last = after;
  for (let most = limit; ; most = Math.max(limit, readAhead)) {
    const found = await list(last, most);
    if (most === limit && allowed.length === 0 && found.every(allows)) return found;
    for (const item of found) if (allowed.length < limit && allows(item)) allowed.push(item);
    last = found.at(-1)?.name ?? null;
    if (allowed.length >= limit || found.length < most) return allowed;
  }
}
