import type Database from "better-sqlite3";
import type { FileGuard } from "./file-guard.ts";
import type { WalMarks } from "./wal-mark.ts";

/** Writes the log back into the file. SQLite's own checkpoints are off: they run inside a commit, and know nothing of the mark. */
export interface Checkpoints {
  /** Writes back now, whatever there is. */
  run(): void;
  /** After a commit, its calls answered: writes back if the log has grown enough, earlier where there is little room for it. */
  afterCommit(hasRoom: boolean): void;
  /** Before the connection is closed. */
  close(nowMs: number): void;
}

/** How long the log grows, in pages of 4 KiB: 16 MB. */
const pagesBetween = 4_000;
/** The same where the disk is small or nearly full: 1 MB. */
const pagesBetweenWhereLow = 256;
/** How many commits go by until the log is looked at again where there is room: a look costs as much as a small verb. */
const commitsALook = 8;
/** How many pages later it is tried again where a full disk was in the way. */
const pagesUntilRetry = 250;

/**
 * Creates the checkpoints of an open database.
 *
 * An error that is not a full disk's is thrown: which pages came to the disk is then not known. So is what the guard finds: pages
 * written into a file that is not the own any more would damage it.
 */
export function createCheckpoints(
  db: Database.Database,
  marks: WalMarks,
  guard: FileGuard,
  makeRoom: () => boolean,
): Checkpoints {
  const look = db.prepare<[], [busy: number, pages: number, writtenBack: number]>("PRAGMA wal_checkpoint(NOOP)").raw();
  const writeBack = db.prepare("PRAGMA wal_checkpoint(PASSIVE)");
  let retryAt: number | null = null;
  let commits = 0;
  let isMarked = false;

  /** Answers whether there was room on the disk. */
  function withRoom(action: () => void): boolean {
    for (;;) {
      try {
        action();
        return true;
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "SQLITE_FULL")) throw error;
        if (!makeRoom()) return false;
      }
    }
  }

  /** Should the file already be what its log says it is, nothing is lost if this one is missing. */
  function markApplied(): void {
    isMarked = withRoom(marks.applied);
  }

  function run(): void {
    const wrong = guard.look();
    if (wrong !== null) throw new Error(wrong);
    // Without room for the mark the log is written back all the same: that is what makes room in it.
    withRoom(marks.needed);
    let isDone = false;
    try {
      isDone = withRoom(() => void writeBack.get());
    } finally {
      guard.wrote();
      markApplied();
    }
    retryAt = isDone ? null : pagesWaiting() + pagesUntilRetry;
  }

  function pagesWaiting(): number {
    const [, pages, writtenBack] = look.get() ?? [0, 0, 0];
    return pages - writtenBack;
  }

  return {
    run,
    afterCommit(hasRoom) {
      const looks = !hasRoom || ++commits % commitsALook === 0;
      if (looks && pagesWaiting() >= (retryAt ?? (hasRoom ? pagesBetween : pagesBetweenWhereLow))) run();
      else if (!isMarked) markApplied();
    },
    close(nowMs) {
      withRoom(() => marks.closed(nowMs));
    },
  };
}
