import type { DiskState } from "../../store.ts";
import type { VerbName } from "../engine/verb.ts";
import type { ReserveFile } from "../file/reserve-file.ts";
import type { Call } from "./thread-messages.ts";

/**
 * Keeps room on the disk for what ends work: new work is refused before the reserve is touched, and what is left of the disk is
 * for outcomes, cancellations and deletions.
 */
export interface DiskRoom {
  /** Whether there is so much room that a log may grow long. */
  readonly isAmple: boolean;
  /** Makes the reserve, at once, if there is room for it. */
  fill(): void;
  /** Reads how much room there is, gives the reserve back what it lacks, and answers how it stands if that is news. */
  look(): DiskState | null;
  /** Parts calls into those that may be stored, and those for which there is no room beside the reserve. */
  admit(calls: readonly Call[]): { readonly admitted: readonly Call[]; readonly refused: readonly Call[] };
  /** A commit found no room: gives it a part of the reserve; false if nothing is left of that. */
  release(): boolean;
}

/** What adds to what is stored. All else ends work, takes away, or is small. */
const growing: ReadonlySet<VerbName> = new Set<VerbName>([
  "enqueue",
  "publish",
  "startWorkflows",
  "createSubscription",
  "replay",
  "catchUp",
]);

/** So much is written in no half second. */
const ampleBytes = 268_435_456;
/** What stays free beside the reserve: this part of it. */
const marginPart = 4;

/** A look at the disk. */
export interface DiskReading {
  /** What every program may still write. */
  readonly freeBytes: number;
  /** Pages of the database file that hold nothing: new work fills them before the file grows. */
  readonly reusableBytes: number;
}

/**
 * Creates the watch over a disk's free space.
 *
 * @param read is called twice a second, and before each commit where there is little room
 */
export function createDiskRoom(reserve: ReserveFile, read: () => DiskReading): DiskRoom {
  const marginBytes = reserve.targetBytes / marginPart;
  let { freeBytes: free, reusableBytes: reusable } = read();
  let told = false;

  function isWhole(): boolean {
    return reserve.heldBytes >= reserve.targetBytes;
  }

  function isAmple(): boolean {
    return isWhole() && (reserve.targetBytes === 0 || free > marginBytes + ampleBytes);
  }

  function look(): void {
    ({ freeBytes: free, reusableBytes: reusable } = read());
  }

  /** What new work may take: what is free beside the reserve, the margin, and what the reserve lacks. */
  function leftBytes(): number {
    return free + Math.max(reusable - marginBytes, 0) - marginBytes - (reserve.targetBytes - reserve.heldBytes);
  }

  function restore(): void {
    const missing = reserve.targetBytes - reserve.heldBytes;
    if (missing === 0 || free < missing + 2 * marginBytes) return;
    reserve.restore();
    look();
  }

  return {
    get isAmple() {
      return isAmple();
    },

    fill() {
      for (let held = -1; held !== reserve.heldBytes; ) {
        held = reserve.heldBytes;
        restore();
      }
    },

    look() {
      look();
      restore();
      // Not in order again as soon as there is one byte more.
      const isLow = marginBytes > 0 && leftBytes() < (told ? marginBytes : 0);
      if (isLow === told) return null;
      told = isLow;
      return { isLow, freeBytes: free, reserveBytes: reserve.heldBytes };
    },

    admit(calls) {
      if (isAmple()) return { admitted: calls, refused: [] };
      const admitted: Call[] = [];
      const refused: Call[] = [];
      look();
      let left = leftBytes();
      for (const call of calls) {
        // In the log, and in the file.
        const bytes = growing.has(call.verb) ? 2 * sizeOf(call.args) : 0;
        if (bytes > 0 && bytes > left) {
          refused.push(call);
        } else {
          admitted.push(call);
          left -= bytes;
        }
      }
      return { admitted, refused };
    },

    release: () => reserve.release(),
  };
}

/** The room of a file that is not written. */
export const ampleRoom: DiskRoom = {
  isAmple: true,
  fill: () => undefined,
  look: () => null,
  admit: (calls) => ({ admitted: calls, refused: [] }),
  release: () => false,
};

/** About how large something is when it is stored. */
function sizeOf(value: unknown): number {
  if (value instanceof Uint8Array) return value.length;
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 8;
  let bytes = 8;
  for (const part of Object.values(value)) bytes += sizeOf(part);
  return bytes;
}
