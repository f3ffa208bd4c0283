import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The names of Debian and of other systems. */
const names = ["chromium", "chromium-browser"];

/** Where Chromium is; `null`: it is not on the PATH. */
export const chromiumPath = findChromium();

/** Why the tests that need a browser cannot run; `null`: it is there. */
export const missing = chromiumPath === null ? "chromium is not on the PATH (.ci/run installs it)" : null;

function findChromium(): string | null {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const paths = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return paths.find(isProgram) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
