import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createTempDir } from "../harness/temp-dir.ts";
import { succeed } from "./commands.ts";

/** The packages as a user has them. */
export interface Installed extends AsyncDisposable {
  /** The tarballs of `@sitq/client` and `sitq`. */
  readonly tarballs: { readonly client: string; readonly sitq: string };
  /** A directory with both packages installed. */
  readonly both: string;
  /** A directory with `@sitq/client` alone. */
  readonly clientOnly: string;
}

/** Builds and packs the packages, and installs them into directories outside the source tree. */
export async function installPackages(): Promise<Installed> {
  const dir = await createTempDir();
  await succeed(process.execPath, ["scripts/build.ts"], { cwd: ".", path: [resolve("node_modules/.bin")] });
  await succeed("npm", ["pack", "--silent", resolve("dist/client"), resolve("dist/sitq")], { cwd: dir.path });
  const files = await readdir(dir.path);
  const tarball = (pattern: RegExp) => join(dir.path, files.find((name) => pattern.test(name)) ?? "missing");
  const tarballs = { client: tarball(/^sitq-client-.*\.tgz$/), sitq: tarball(/^sitq-\d.*\.tgz$/) };

  async function installInto(name: string, packages: readonly string[]): Promise<string> {
    const directory = dir.file(name);
    await mkdir(directory);
    await writeFile(join(directory, "package.json"), JSON.stringify({ name, private: true }));
    const install = ["install", "--prefer-offline", "--no-audit", "--no-fund", ...packages];
    await succeed("npm", install, { cwd: directory });
    return directory;
  }
  return {
    tarballs,
    both: await installInto("both", [tarballs.client, tarballs.sitq]),
    clientOnly: await installInto("client-only", [tarballs.client]),
    [Symbol.asyncDispose]: () => dir.remove(),
  };
}
