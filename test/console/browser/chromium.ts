import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

/** For what hangs: a machine that does other things too is slow. */
export const patienceMs = 60_000;

/** The names of Debian and of other systems. */
const names = ["chromium", "chromium-browser"];

/** Where Chromium is; `null`: it is not on the PATH. */
export const chromiumPath = findChromium();

/** Why the tests that need a browser cannot run; `null`: it is there. */
export const missing = chromiumPath === null ? "chromium is not on the PATH (.ci/run installs it)" : null;

/** Starts a browser without a window, which reaches this machine only. */
export function launchBrowser(): Promise<Browser> {
  if (chromiumPath === null) throw new Error(`${missing}`);
  return chromium.launch({
    executablePath: chromiumPath,
    // Chromium's sandbox refuses to run as root, as in most containers.
    chromiumSandbox: process.getuid?.() !== 0,
    args: ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
    timeout: patienceMs,
  });
}

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
