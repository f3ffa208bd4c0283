import { readFile, stat, writeFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { startServer } from "../../harness/server.ts";
import { createTempDir } from "../../harness/temp-dir.ts";
import { jsonLines, sitq } from "../cli-harness.ts";

it("makes the first admin on the file, and everybody else over the network", async () => {
  await using dir = await createTempDir();
  const [db, token] = [dir.file("sitq.db"), dir.file("root.token")];
  const made = await sitq(["token", "create", "root", "--role", "admin", "--db", db, "--out", token]);
  expect(made).toMatchObject({ exitCode: 0, stdout: "" });
  expect((await stat(token)).mode & 0o777).toBe(0o600);
  const secret = (await readFile(token, "utf8")).trim();
  expect(made.stderr).not.toContain(secret);

  await using server = await startServer({ dbPath: db, config: { auth: "on" } });
  const run = (...args: readonly string[]) => sitq([...args, "--address", server.address, "--token-file", token]);
  expect((await run("whoami")).stdout).toBe(`root by token ${secret.slice(5, 17)}\n  admin\n`);
  const mail = await run(
    "token",
    "create",
    "mail",
    "--role",
    "worker",
    "--queues",
    "mail.*",
    "--expires",
    "90d",
    "--json",
  );
  const [created] = jsonLines(mail);
  expect(created).toMatchObject({ principal: "mail", secret: expect.stringMatching(/^sitq_/) });
  const own = dir.file("mail.token");
  await writeFile(own, String(created?.secret), { mode: 0o600 });
  const refused = await sitq(["queues", "--address", server.address, "--token-file", own]);
  expect(refused.exitCode).toBe(8);
  expect(refused.stderr).toContain("ROLE_REQUIRED");
  await run("principal", "set", "mail", "--grant", "worker:queue=mail.out", "--grant", "viewer:*");
  expect((await sitq(["queues", "--address", server.address, "--token-file", own])).exitCode).toBe(0);

  const proved = await run("principal", "set", "mail", "--cert-uri", "spiffe://sitq.test/mail");
  expect(proved.stdout).toBe("mail: worker:queue=mail.out viewer:*\n  certificate URI spiffe://sitq.test/mail\n");
  const bare = jsonLines(await run("principal", "set", "mail", "--unset", "cert-uri", "--json"));
  expect(bare).toMatchObject([{ certificateUris: [], grants: [{ role: "ROLE_WORKER" }, { role: "ROLE_VIEWER" }] }]);
  expect((await run("principal", "set", "mail", "--unset", "grants")).stderr).toContain("cert-uri or cert-dns");

  const list = await run("token", "list", "--wide");
  expect(list.stdout).toMatch(/^TOKEN +PRINCIPAL +STATE +CREATED +EXPIRES +LAST USED\n/);
  expect(list.stdout).not.toContain(String(created?.secret).slice(18));
  expect((await run("principal", "list")).stdout).toMatch(/mail +worker:queue=mail.out viewer:\*\nroot +admin/);
  expect((await run("token", "revoke", String(created?.secret), "--yes")).stdout).toMatch(/is revoked\n$/);
  expect((await sitq(["whoami", "--address", server.address, "--token-file", own])).stderr).toContain(
    "CREDENTIALS_REVOKED",
  );
  expect(jsonLines(await run("principal", "delete", "mail", "--yes", "--json"))).toEqual([
    { name: "mail", tokenCount: 1 },
  ]);
});

it("hands over from the admin that the server has made to one's own", async () => {
  await using dir = await createTempDir();
  const [first, own] = [dir.file("bootstrap.token"), dir.file("ops.token")];
  const config = { auth: "on", bootstrapTokenFilePath: first } as const;
  await using server = await startServer({ dbPath: dir.file("sitq.db"), config });
  const run = (token: string, ...args: readonly string[]) =>
    sitq([...args, "--address", server.address, "--token-file", token]);
  expect(await run(first, "token", "create", "ops", "--role", "admin", "--out", own)).toMatchObject({ exitCode: 0 });
  expect(await run(own, "principal", "delete", "bootstrap", "--yes")).toMatchObject({ exitCode: 0 });
  expect((await run(first, "whoami")).exitCode).toBe(8);
  await server.restart();
  await server.logged("there is an admin");
  expect((await run(own, "whoami")).stdout).toMatch(/^ops by token/);
});

it("says what is wrong: no scope, a server on the file, a scope without a role", async () => {
  await using dir = await createTempDir();
  const db = dir.file("sitq.db");
  const noScope = await sitq(["token", "create", "mail", "--role", "worker", "--db", db]);
  expect(noScope).toMatchObject({ exitCode: 2, stdout: "" });
  expect(noScope.stderr).toContain('"*" means all');
  const scoped = await sitq(["token", "create", "root", "--role", "admin", "--queues", "mail.*", "--db", db]);
  expect(scoped).toMatchObject({ exitCode: 2, stdout: "" });
  expect(scoped.stderr).toContain("an admin has no scope");
  expect((await sitq(["token", "create", "mail", "--queues", "a", "--db", db])).stderr).toContain(
    "a scope needs --role",
  );
  const typo = dir.file("typo.db");
  for (const reading of [["audit"], ["token", "list"], ["principal", "list"], ["principal", "delete", "a", "--yes"]]) {
    const missing = await sitq([...reading, "--db", typo]);
    expect(missing).toMatchObject({ exitCode: 3, stderr: `error: there is no database ${typo}\n` });
  }
  await expect(stat(typo)).rejects.toThrow("ENOENT");
  const made = await sitq(["principal", "create", "mail", "--role", "worker", "--queues", "a", "--db", typo]);
  expect(made.stderr).toBe(`${typo} is a new database\n`);
  const taken = await sitq(["token", "create", "mail", "--db", typo, "--out", typo]);
  expect(taken).toMatchObject({ exitCode: 4, stderr: `error: ${typo} already exists\nName another file.\n` });
  expect((await sitq(["principal", "set", "mail", "--db", db])).stderr).toContain("nothing to change");
  expect((await sitq(["token", "revoke", "nothing", "--db", db, "--yes"])).stderr).toContain("TOKEN_NOT_FOUND");
  expect((await sitq(["token", "list", "--db", db, "--address", "127.0.0.1:1"])).stderr).toContain("give one of them");
  const asked = await sitq(["token", "revoke", "nothing", "--db", db]);
  expect(asked.stderr).toContain("this would revoke the token nothing");
  await using server = await startServer({ dbPath: db });
  const busy = await sitq(["token", "list", "--db", db]);
  expect(busy.exitCode).toBe(4);
  expect(busy.stderr).toContain("A running server is asked without --db.");
  expect((await sitq(["whoami", "--address", server.address])).stdout).toBe(
    "authentication is off: everyone may do everything\n",
  );
});

it.each([
  [["context", "add", "prod", "--address", "a:1"], "set"],
  [["principal", "add", "mail", "--role", "worker"], "create"],
  [["token", "delete", "x"], "revoke"],
])("says which command %j means, without being one", async (args, meant) => {
  expect(await sitq(args)).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(`unknown command '${args[1]}'\nDid you mean ${meant}\\?`),
  });
});

it("says that there is no such principal, method or outcome, in place of an empty list", async () => {
  await using dir = await createTempDir();
  const db = ["--db", dir.file("sitq.db")];
  await sitq(["token", "create", "root", "--role", "admin", ...db]);
  expect(await sitq(["token", "list", "nobody", ...db])).toMatchObject({ exitCode: 3 });
  expect((await sitq(["audit", "--call", "Nope", ...db])).stderr).toContain("is no method of the contract");
  expect((await sitq(["audit", "--outcome", "OUTOFSCOPE", ...db])).stderr).toContain("is neither a code nor a reason");
  expect(await sitq(["audit", "--call", "CreateToken", "--outcome", "OK", ...db])).toMatchObject({ exitCode: 0 });
  expect((await sitq(["principal", "delete", "root", "--yes", ...db])).stdout).toContain("with 1 token\n");
});

it("says of a certificate without a principal how it gets one", async () => {
  await using dir = await createTempDir();
  const certs = dir.file("certs");
  await sitq(["tls", "init", certs]);
  const [cert, key, ca] = [`${certs}/server.pem`, `${certs}/server-key.pem`, `${certs}/ca.pem`];
  const config = { auth: "on", tlsCertPath: cert, tlsKeyPath: key, tlsClientCaPath: ca } as const;
  await using server = await startServer({ dbPath: dir.file("sitq.db"), config });
  const options = ["--tls-ca", ca, "--tls-cert", `${certs}/client.pem`, "--tls-key", `${certs}/client-key.pem`];
  const { exitCode, stderr } = await sitq(["whoami", "--address", server.address, ...options]);
  expect(exitCode).toBe(8);
  expect(stderr).toMatch(
    /no principal has the URI "spiffe:\/\/sitq.local\/client"[^\n]*\nAn admin gives it to a principal: /,
  );
});

it("warns of the end of the last admin, and not of another's", async () => {
  await using dir = await createTempDir();
  const db = dir.file("sitq.db");
  const run = (...args: readonly string[]) => sitq([...args, "--db", db]);
  const warning = /^warning: it is the last admin: /;
  const [root] = jsonLines(await run("token", "create", "root", "--role", "admin", "--json"));
  await run("token", "create", "mail", "--role", "worker", "--queues", "mail.*");
  const [spare] = jsonLines(await run("token", "create", "spare", "--role", "admin", "--json"));
  expect((await run("token", "revoke", String(spare?.tokenId), "--yes")).stderr).toBe("");
  expect((await run("principal", "set", "mail", "--role", "worker", "--queues", "a")).stderr).toBe("");
  expect((await run("token", "revoke", String(root?.tokenId))).stderr).toMatch(warning);
  expect((await run("principal", "set", "root", "--role", "operator")).stderr).toMatch(warning);
  await run("principal", "set", "root", "--role", "admin");
  const deleted = await run("principal", "delete", "root", "--yes");
  expect(deleted.stderr).toMatch(warning);
  expect(deleted.stdout).toMatch(/^root is deleted/);
  expect((await run("principal", "delete", "spare", "--yes")).stderr).toBe("");
});
