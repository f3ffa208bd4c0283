import { describe, expect, it } from "vitest";
import { DiskFile } from "../../torture/power/disk-file.ts";
import { readStraceLog } from "../../torture/power/strace-log.ts";
import { createSeededRandom } from "../harness/seeded-random.ts";

const random = () => createSeededRandom(7);
const write = (offset: number, text: string) => ({ kind: "write", offset, bytes: Buffer.from(text) }) as const;

describe("a file on a disk with a volatile cache", () => {
  it("keeps what was synced, whatever a power cut leaves of the rest", () => {
    const file = new DiskFile();
    file.change(write(0, "abcdef"));
    file.sync();
    file.change(write(2, "XY"));
    file.change({ kind: "truncate", size: 5 });
    expect(file.afterCut("nothing", random()).toString()).toBe("abcdef");
    expect(file.afterCut("everything", random()).toString()).toBe("abXYe");
    // Looking changes nothing.
    expect(file.afterCut("nothing", random()).toString()).toBe("abcdef");
    file.sync();
    expect(file.afterCut("nothing", random()).toString()).toBe("abXYe");
  });

  it("tears a write between sectors of 512 bytes", () => {
    const file = new DiskFile();
    file.change({ kind: "write", offset: 256, bytes: Buffer.alloc(2_048, 1) });
    const sums = new Set<number>();
    for (let seed = 0; seed < 50; seed++) {
      sums.add(file.afterCut("torn", createSeededRandom(seed)).reduce((sum, byte) => sum + byte, 0));
    }
    // 256, three times 512, 256: whatever is there is made of whole pieces.
    expect([...sums].every((sum) => sum % 256 === 0)).toBe(true);
    expect(sums.size).toBeGreaterThan(4);
  });

  it("reads as zeros where it was cut off and grew again", () => {
    const file = new DiskFile();
    file.change(write(0, "abc"));
    file.change({ kind: "truncate", size: 1 });
    file.change(write(3, "d"));
    expect(file.afterCut("everything", random())).toEqual(Buffer.from("a\0\0d"));
  });
});

describe("the log of strace", () => {
  it("is read with its bytes, its times and calls that ended later", () => {
    const log = [
      '12 100.5 openat(AT_FDCWD, "/x/sitq.db", O_RDWR) = 7',
      String.raw`12 100.6 pwrite64(7</x/sitq.db>, "a\x00\"\\\n", 5, 4096) = 5`,
      "12 100.7 fsync(7</x/sitq.db> <unfinished ...>",
      '13 100.8 write(1<pipe:[1]>, "{}", 2) = 2',
      "12 100.9 <... fsync resumed>) = 0",
      "12 101.0 ftruncate(8</x/sitq.db-wal>, 32) = 0",
      "12 101.1 fsync(8</x/sitq.db-wal>) = -1 EIO (Input/output error)",
      "12 +++ exited with 0 +++",
    ].join("\n");
    expect(readStraceLog(log, "/x/sitq.db")).toEqual([
      { atMs: 100_600, file: "database", change: { kind: "write", offset: 4_096, bytes: Buffer.from('a\0"\\\n') } },
      { atMs: 100_700, file: "database", change: { kind: "sync" } },
      { atMs: 101_000, file: "wal", change: { kind: "truncate", size: 32 } },
    ]);
  });

  it("is refused where the files are written in a way that the replay does not know", () => {
    expect(() => readStraceLog('1 1.0 write(7</x/sitq.db>, "a", 1) = 1', "/x/sitq.db")).toThrow("write");
  });
});
