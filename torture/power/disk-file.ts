import type { SeededRandom } from "../../test/harness/seeded-random.ts";

/** A change of a file that is not on the disk for certain before the next fsync. */
export type FileChange =
  | { readonly kind: "write"; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: "truncate"; readonly size: number };

/** What a power cut leaves of the changes since the last fsync. */
export const cutModes = ["nothing", "everything", "some", "torn"] as const;
/** One of them. */
export type CutMode = (typeof cutModes)[number];

/** What a disk writes as a whole, in bytes. */
const sectorBytes = 512;

/** A file as a disk with a volatile cache holds it: what is durable, and what was written since the last fsync. */
export class DiskFile {
  readonly #durable = new Content();
  #pending: FileChange[] = [];

  /** A write or a truncation; it is not durable yet. */
  change(change: FileChange): void {
    this.#pending.push(change);
  }

  /** Makes all changes durable. */
  sync(): void {
    for (const change of this.#pending) this.#durable.apply(change);
    this.#pending = [];
  }

  /** What a power cut leaves. */
  afterCut(mode: CutMode, random: SeededRandom): Buffer {
    const left = this.#durable.copy();
    for (const change of this.#kept(mode, random)) left.apply(change);
    return left.bytes();
  }

  #kept(mode: CutMode, random: SeededRandom): readonly FileChange[] {
    switch (mode) {
      case "nothing":
        return [];
      case "everything":
        return this.#pending;
      case "some":
        return this.#pending.filter(() => random.chance(0.5));
      case "torn":
        return this.#pending.flatMap((change) => torn(change, random));
    }
  }
}

/** Some of the sectors of a write. */
function torn(change: FileChange, random: SeededRandom): FileChange[] {
  if (change.kind === "truncate") return random.chance(0.5) ? [change] : [];
  const sectors: FileChange[] = [];
  for (let from = 0; from < change.bytes.length; ) {
    const offset = change.offset + from;
    const until = Math.min(from + sectorBytes - (offset % sectorBytes), change.bytes.length);
    if (random.chance(0.5)) sectors.push({ kind: "write", offset, bytes: change.bytes.subarray(from, until) });
    from = until;
  }
  return sectors;
}

/** The bytes of a file, which grows without being copied at each write. */
class Content {
  #buffer: Buffer;
  #size: number;

  constructor(buffer: Buffer = Buffer.alloc(0), size = buffer.length) {
    this.#buffer = buffer;
    this.#size = size;
  }

  copy(): Content {
    return new Content(Buffer.from(this.bytes()));
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#size);
  }

  apply(change: FileChange): void {
    if (change.kind === "truncate") {
      this.#resize(change.size);
      return;
    }
    this.#resize(Math.max(this.#size, change.offset + change.bytes.length));
    change.bytes.copy(this.#buffer, change.offset);
  }

  #resize(size: number): void {
    if (size > this.#buffer.length) {
      const grown = Buffer.alloc(Math.max(size, this.#buffer.length * 2));
      this.bytes().copy(grown);
      this.#buffer = grown;
    }
    // What was cut off reads as zeros when the file grows again.
    if (size < this.#size) this.#buffer.fill(0, size, this.#size);
    this.#size = size;
  }
}
