import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

/** A file of the console, as it is served. */
export interface BundleFile {
  readonly contentType: string;
  readonly bytes: Uint8Array;
  readonly gzipped: Uint8Array;
  /** Whether its name changes with its content, so that a browser may keep it. */
  readonly isImmutable: boolean;
}

/** The files of the console by their paths below it: `index.html`, `assets/main-D3c0de.js`. */
export type Bundle = ReadonlyMap<string, BundleFile>;

/** Where `npm ci` builds the console. */
const builtAt = fileURLToPath(new URL("../../console/dist/", import.meta.url));

/** The content types of all files that the build makes. */
const contentTypes: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/**
 * Reads the console.
 *
 * @returns `null`: it is not built, or not with this package
 */
export async function readBundle(folder = builtAt): Promise<Bundle | null> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = await Promise.all(
    paths.map(async (path) => [relative(folder, path).split(sep).join("/"), await readBundleFile(path)] as const),
  );
  const bundle = new Map(files);
  return bundle.has("index.html") ? bundle : null;
}

async function readBundleFile(path: string): Promise<BundleFile> {
  const bytes = await readFile(path);
  const contentType = contentTypes[extname(path)] ?? "application/octet-stream";
  return {
    contentType,
    bytes,
    gzipped: await promisify(gzip)(bytes),
    isImmutable: path.includes(`${sep}assets${sep}`),
  };
}
