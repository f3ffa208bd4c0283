/**
 * Fails if gen/ is not what `buf generate` makes of proto/: somebody edited it, or changed the contract without generating.
 * It generates into a directory of its own, so that it changes nothing and works before a commit as well as after.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

function filesBelow(directory: string): Map<string, string> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.map((path) => [path.slice(directory.length + 1), readFileSync(path, "utf8")]));
}

const scratch = mkdtempSync(join(tmpdir(), "sitq-gen-"));
try {
  // By its name, which `npm run` finds in node_modules/.bin. Only the local plugin takes part: no network.
  const { status, error } = spawnSync("buf", ["generate", "--output", scratch], { stdio: "inherit" });
  if (status !== 0) throw new Error("buf generate failed", { cause: error });

  const wanted = filesBelow(join(scratch, "gen"));
  const found = filesBelow("gen");
  const differences = [...new Set([...wanted.keys(), ...found.keys()])]
    .filter((path) => wanted.get(path) !== found.get(path))
    .map((path) => `  gen/${path}: ${!wanted.has(path) ? "not generated" : !found.has(path) ? "missing" : "differs"}`);
  if (differences.length > 0) {
    console.error(`gen/ is not what proto/ generates. Run: npm run generate\n${differences.sort().join("\n")}`);
    process.exitCode = 1;
  } else {
    console.log(`gen/ is up to date: ${found.size} files.`);
  }
} finally {
  rmSync(scratch, { recursive: true });
}
