import { readFileSync } from "node:fs";

/** The version of this package, by Semantic Versioning. */
export const version = readVersion();

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const isRead = typeof manifest === "object" && manifest !== null && "version" in manifest;
  return isRead && typeof manifest.version === "string" ? manifest.version : "unknown";
}
