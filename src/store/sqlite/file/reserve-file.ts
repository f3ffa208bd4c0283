import { randomFillSync } from "node:crypto";
import { closeSync, ftruncateSync, openSync, rmSync, statfsSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Room on the disk that is held by a file, so that other programs cannot take it: where the disk is full, the file gives it up
 * bit by bit to what has to be written all the same.
 */
export interface ReserveFile {
  /** How large it is meant to be. */
  readonly targetBytes: number;
  /** How much it holds. */
  readonly heldBytes: number;
  /** Gives up a part; false if nothing is left. */
  release(): boolean;
  /** Takes back a part of what is missing, as far as there is room, or gives up what is too much. */
  restore(): void;
}

const mib = 1_048_576;
/** At most this share of the file system is held. */
const largestShare = 4;
/** How much is given up or taken back at a time; written in a few milliseconds. */
const stepBytes = 4 * mib;

/**
 * The reserve at `path`, as an earlier process left it; it is not written yet.
 *
 * @param bytes how large; on a small file system a quarter of that is the most. 0: none, and the file is removed
 */
export function createReserveFile(path: string, bytes: number): ReserveFile {
  const targetBytes = Math.min(bytes, shareOf(dirname(path)));
  let held = statSync(path, { throwIfNoEntry: false })?.size ?? 0;

  function resize(to: number): void {
    if (to === 0) rmSync(path, { force: true });
    else withFile((file) => ftruncateSync(file, to));
    held = to;
  }

  function withFile(use: (file: number) => void): void {
    const file = openSync(path, "a", 0o600);
    try {
      use(file);
    } finally {
      closeSync(file);
    }
  }

  return {
    targetBytes,
    get heldBytes() {
      return held;
    },

    release() {
      if (held === 0) return false;
      resize(Math.max(held - Math.max(Math.min(stepBytes, targetBytes / 4), mib / 4), 0));
      return true;
    },

    restore() {
      if (held > targetBytes) return resize(targetBytes);
      const wanted = Math.min(targetBytes, held + stepBytes);
      try {
        withFile((file) => {
          // Noise: a file system that packs zeros away would hold no room for them.
          const noise = randomFillSync(Buffer.alloc(Math.min(mib, wanted - held)));
          while (held < wanted) held += writeSync(file, noise, 0, Math.min(noise.length, wanted - held));
        });
      } catch {
        // Other programs took the space first: the file keeps what it got.
      }
    },
  };
}

function shareOf(directory: string): number {
  try {
    const { blocks, bsize } = statfsSync(directory);
    return Math.floor((blocks * bsize) / largestShare);
  } catch {
    // A directory that is not there is refused by those who open the database.
    return 0;
  }
}
