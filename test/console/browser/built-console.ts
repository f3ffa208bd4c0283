import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** What the console is built from. */
const sources = ["console/index.html", "console/vite.config.ts", "console/public", "console/src", "gen/sitq/v1"];

/** Before all tests: builds the console anew where that was done before its sources changed. `npm ci` builds it the first time. */
export function setup(): void {
  const builtMs = changedMs("console/dist/index.html");
  if (sources.every((path) => changedMs(path) <= builtMs)) return;
  // Under that of the tests it would be built for developing.
  const { NODE_ENV: _, ...env } = process.env;
  execFileSync("npm", ["run", "--silent", "build:console"], { env, stdio: "inherit" });
}

/** When a file, or the newest one in a folder, has changed. 0: there is none. */
function changedMs(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => changedMs(join(path, name))));
}
