import { chmod, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Role } from "../../gen/sitq/v1/access_pb.js";
import type { Store } from "../../src/store/store.ts";
import { refusalOf } from "../harness/refusal.ts";
import { startServer } from "../harness/server.ts";
import { createTempDir, type TempDir } from "../harness/temp-dir.ts";
import { as } from "./secured-server.ts";

let dir: TempDir;
beforeEach(async () => {
  dir = await createTempDir();
});
afterEach(() => dir.remove());

const unused = "there is an admin: the bootstrap token file is not used";

function start(wrapStore?: (store: Store) => Store) {
  const config = { auth: "on", bootstrapTokenFilePath: dir.file("bootstrap.token") } as const;
  return startServer({ dbPath: dir.file("sitq.db"), config, ...(wrapStore && { wrapStore }) });
}

const left = async () => (await readFile(dir.file("bootstrap.token"), "utf8")).trim();

const tokenOf = (id: string) => `sitq_${id}_${"A".repeat(43)}`;

it("leaves the token of the first admin in a file that only the server's user can read, and audits it", async () => {
  await using server = await start();
  const token = await left();
  expect((await stat(dir.file("bootstrap.token"))).mode & 0o777).toBe(0o600);
  expect(await server.access.getIdentity({}, as(token))).toMatchObject({
    principal: "bootstrap",
    grants: [{ role: Role.ADMIN }],
  });
  const { auditEntries } = await server.access.listAuditEntries({}, as(token));
  expect(auditEntries).toMatchObject([
    { peer: "local", method: "/sitq.v1.AccessService/CreateToken", resource: expect.stringContaining("bootstrap") },
  ]);
  const lines = JSON.stringify(server.log);
  expect(lines).toContain(token.slice(5, 17));
  expect(lines).not.toContain(token.slice(18));
});

it("is missed in the log where nothing makes one and every call would be refused", async () => {
  await using server = await startServer({ config: { auth: "on" } });
  await server.logged("authentication is on, and there is no principal");
});

it("makes none at a later start, and the same token goes on", async () => {
  await using server = await start();
  const token = await left();
  await server.restart();
  await server.logged(unused);
  expect(await left()).toBe(token);
  expect((await server.access.getIdentity({}, as(token))).principal).toBe("bootstrap");
});

it("makes none in place of a revoked token: it stays revoked", async () => {
  await using server = await start();
  const token = await left();
  await server.access.revokeToken({ tokenId: token.slice(5, 17) }, as(token));
  await server.restart();
  await server.logged(unused);
  expect(await left()).toBe(token);
  expect((await refusalOf(server.access.getIdentity({}, as(token)))).reason).toBe("CREDENTIALS_REVOKED");
});

it("makes none where there is another admin", async () => {
  await using server = await start();
  const first = as(await left());
  const { secret } = await server.access.createToken({ principal: "ops", grants: [{ role: Role.ADMIN }] }, first);
  await server.access.deletePrincipal({ name: "bootstrap" }, as(secret));
  await server.restart();
  await server.logged(unused);
});

it("makes a fresh one once the last admin is deleted", async () => {
  await using server = await start();
  const token = await left();
  await server.access.deletePrincipal({ name: "bootstrap" }, as(token));
  await server.restart();
  const fresh = await left();
  expect(fresh).not.toBe(token);
  // It may be another server's, whose file has the same name.
  expect((await readFile(dir.file("bootstrap.token.old"), "utf8")).trim()).toBe(token);
  await server.logged("the bootstrap token file had a token of no principal here");
  expect((await refusalOf(server.access.getIdentity({}, as(token)))).reason).toBe("INVALID_CREDENTIALS");
  expect((await server.access.getIdentity({}, as(fresh))).principal).toBe("bootstrap");
});

it("replaces a token that a crash has left before it was stored", async () => {
  const failing = (store: Store): Store =>
    new Proxy(store, {
      get: (target, name) =>
        name === "putToken" ? async () => Promise.reject(new Error("crash")) : Reflect.get(target, name, target),
    });
  await expect(start(failing)).rejects.toThrow("cannot make the first admin: crash");
  const stale = await left();
  await using server = await start();
  const token = await left();
  expect(token).not.toBe(stale);
  expect((await server.access.getIdentity({}, as(token))).principal).toBe("bootstrap");
});

it("gives no rights to a principal of its name that has others", async () => {
  await using server = await start();
  const first = as(await left());
  const grants = [{ role: Role.VIEWER, queues: ["*"] }];
  await server.access.updatePrincipal({ principal: { name: "bootstrap", grants } }, first);
  await server.restart();
  await server.logged("there is no admin, and the principal has other grants");
  expect((await server.access.getIdentity({}, first)).grants).toMatchObject([{ role: Role.VIEWER }]);
});

it("names a directory of the file that is not there", async () => {
  const message = /cannot make the first admin: the directory .*nowhere of --bootstrap-token-file does not exist/;
  const config = { auth: "on", bootstrapTokenFilePath: dir.file("nowhere/token") } as const;
  await expect(startServer({ dbPath: dir.file("sitq.db"), config })).rejects.toThrow(message);
});

it("warns of a file that others can read", async () => {
  await using server = await start();
  await chmod(dir.file("bootstrap.token"), 0o640);
  await server.restart();
  await server.logged("others can read the bootstrap token file");
});

it.each<[string, (path: string) => Promise<void>]>([
  ["is no regular file", (path) => symlink("/etc/hostname", path)],
  ["has mode 644, so others can read it", (path) => writeFile(path, tokenOf("0".repeat(12)), { mode: 0o644 })],
  ["holds something else than a token", (path) => writeFile(path, "my notes", { mode: 0o600 })],
])("does not start where the file %s, and leaves it", async (why, put) => {
  const path = dir.file("bootstrap.token");
  await put(path);
  const before = await readFile(path, "utf8").catch(() => "");
  await expect(start()).rejects.toThrow(`${path} ${why}; delete it, or name another --bootstrap-token-file`);
  expect(await readFile(path, "utf8").catch(() => "")).toBe(before);
});
