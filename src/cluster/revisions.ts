import type { Revisions } from "../store/cluster-store.ts";

/** What servers keep in memory of what is stored, and have to read again when another server has changed it. */
export type Revised = keyof Revisions;

/** Reads again what has changed; where it rejects it is called again. */
export type ReadAgain = () => Promise<void> | void;

/** Finds by their counts what other servers have changed. */
export class KnownRevisions {
  private known: Revisions | null = null;
  private readonly readers: { readonly what: Revised; readonly read: ReadAgain }[] = [];
  /** What could not be read. */
  private readonly unread = new Set<Revised>();

  /** Calls `read` when this has changed since the first counts. */
  on(what: Revised, read: ReadAgain): void {
    this.readers.push({ what, read });
  }

  /** Takes in the counts as they are now. */
  found(revisions: Revisions): void {
    const { known, unread } = this;
    this.known = revisions;
    if (known === null) return;
    const changed = this.readers.filter(({ what }) => unread.has(what) || known[what] !== revisions[what]);
    unread.clear();
    for (const { what, read } of changed) {
      new Promise<void>((resolve) => resolve(read())).catch(() => unread.add(what));
    }
  }
}
