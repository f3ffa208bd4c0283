import { lstat, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { wholeGrant } from "../domain/access/grant.ts";
import { SitqError } from "../domain/errors.ts";
import type { Log } from "../domain/log.ts";
import type { AuditLog } from "./audit-log.ts";
import type { Directory } from "./directory.ts";
import { parseToken } from "./token-text.ts";

/** The principal that the server makes by itself. */
const firstAdmin = "bootstrap";

/** The first admin cannot be made; the message says why, for the operator. */
export class FirstAdminRefused extends Error {
  override readonly name = "FirstAdminRefused";
}

/** What making the first admin needs. */
export interface FirstAdminOptions {
  /** Where its token is left. */
  readonly path: string;
  readonly directory: Directory;
  readonly auditLog: AuditLog;
  readonly log: Pick<Log, "info" | "warn">;
}

/**
 * Makes the admin `bootstrap`, whose token it leaves in a file with mode 0600, where the file of the database has no admin that has a
 * credential, valid or not: a revoked token is not replaced. It needs nothing prepared, and no secret exists before the server has made
 * it: one that is given to the server, as a file of systemd or Kubernetes, would be owned by root and readable by a group.
 *
 * The token is on the disk before it is stored. A crash between the two leaves a file that opens nothing, which the next start sets aside.
 *
 * @throws FirstAdminRefused if the file cannot be written, or is not the server's to replace
 */
export async function makeFirstAdmin({ path, directory, auditLog, log }: FirstAdminOptions): Promise<void> {
  const withToken = new Set(directory.listTokens(null).map(({ principal }) => principal));
  const admins = directory.listPrincipals().filter(({ grants }) => grants.some(({ role }) => role === "admin"));
  const hasAdmin = admins.some(
    ({ name, certificateUris, certificateDnsNames }) =>
      withToken.has(name) || certificateUris.length + certificateDnsNames.length > 0,
  );
  if (hasAdmin) return noteUnused(path, log);
  await refuseForeign(path);
  await keepFormer(path, log);
  try {
    const { token } = await directory.createToken(firstAdmin, [wholeGrant], null, (text) => replace(path, text));
    const facts = { principal: null, peer: "local", method: "/sitq.v1.AccessService/CreateToken" };
    const resource = `principal ${firstAdmin}, token ${token.id}`;
    await auditLog.changed({ ...facts, resource, code: "OK", reason: "" });
    const made =
      "made the first admin: make one of your own by its token in the file, then delete the principal and the file";
    log.warn({ file: path, principal: firstAdmin, token_id: token.id }, made);
  } catch (error) {
    const isTaken = error instanceof SitqError && error.reason === "PRINCIPAL_EXISTS";
    if (!isTaken) throw new FirstAdminRefused(`cannot make the first admin: ${whyNot(error, path)}`, { cause: error });
    log.warn({ principal: firstAdmin }, "there is no admin, and the principal has other grants: none was made");
  }
}

/** Says that the file is not used, and whether it is a danger. */
async function noteUnused(path: string, log: FirstAdminOptions["log"]): Promise<void> {
  const mode = (await lstat(path).catch(() => null))?.mode ?? 0;
  if ((mode & 0o077) === 0) return log.info({ file: path }, "there is an admin: the bootstrap token file is not used");
  const facts = { file: path, mode: (mode & 0o777).toString(8) };
  log.warn(facts, "others can read the bootstrap token file: delete its principal and the file");
}

/** @throws FirstAdminRefused if there is something else than a token that this server has left */
async function refuseForeign(path: string): Promise<void> {
  const why = await foreignness(path).catch((error: unknown) => `cannot be read: ${textOf(error)}`);
  if (why === null) return;
  throw new FirstAdminRefused(
    `cannot make the first admin: ${path} ${why}; delete it, or name another --bootstrap-token-file`,
  );
}

async function foreignness(path: string): Promise<string | null> {
  const found = await lstat(path).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  });
  if (found === null) return null;
  if (!found.isFile()) return "is no regular file";
  if (found.uid !== process.geteuid?.()) return "belongs to another user";
  if ((found.mode & 0o077) !== 0) return `has mode ${(found.mode & 0o777).toString(8)}, so others can read it`;
  const isOurs = found.size === 0 || (found.size < 100 && parseToken((await readFile(path, "utf8")).trim()) !== null);
  return isOurs ? null : "holds something else than a token";
}

/** Sets a token aside that is in the file: this database does not know it, but that of another server may. */
async function keepFormer(path: string, log: FirstAdminOptions["log"]): Promise<void> {
  const former = parseToken((await readFile(path, "utf8").catch(() => "")).trim());
  if (former === null) return;
  const kept = `${path}.old`;
  await rename(path, kept);
  log.warn(
    { file: kept, token_id: former.id },
    "the bootstrap token file had a token of no principal here: kept it aside",
  );
}

/** Puts a file with mode 0600 into its place at once, on the disk. */
async function replace(path: string, token: string): Promise<void> {
  const partial = `${path}.partial`;
  await rm(partial, { force: true });
  const handle = await open(partial, "wx", 0o600);
  try {
    await handle.writeFile(`${token}\n`);
    await handle.sync();
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  const folder = await open(dirname(path));
  await folder.sync().finally(() => folder.close());
}

function whyNot(error: unknown, path: string): string {
  const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
  return isMissing ? `the directory ${dirname(path)} of --bootstrap-token-file does not exist` : textOf(error);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
