import { spawnSync } from "node:child_process";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { createTempDir } from "../temp-dir.ts";

/** A file system of a test's own that is soon full. */
export interface SmallDisk extends AsyncDisposable {
  readonly path: string;
  /** The path of a file on it; makes nothing. */
  file(name: string): string;
  /** Fills it to its last byte, as another program would. */
  fill(): void;
  /** Takes away what filled it. */
  free(): void;
}

/** Mounts one in memory; skips the test, saying so, where that is not allowed. */
export async function mountSmallDisk(context: TestContext, mebibytes: number): Promise<SmallDisk> {
  const dir = await createTempDir();
  const options = `size=${mebibytes}m,mode=700`;
  const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", dir.path], {
    encoding: "utf8",
  });
  if (status !== 0) {
    await dir.remove();
    context.skip(`no small disk can be mounted: ${stderr ?? "there is no mount"}`);
  }
  const filler = join(dir.path, "filler");
  return {
    path: dir.path,
    file: dir.file,

    fill() {
      const file = openSync(filler, "a");
      try {
        for (let bytes = 65_536; bytes > 0; ) {
          try {
            writeSync(file, Buffer.alloc(bytes, 1));
          } catch {
            // No room for so many: fewer, down to the last one.
            bytes = Math.floor(bytes / 16);
          }
        }
      } finally {
        closeSync(file);
      }
    },

    free: () => rmSync(filler, { force: true }),

    async [Symbol.asyncDispose]() {
      spawnSync("umount", ["-l", dir.path]);
      await dir.remove();
    },
  };
}
