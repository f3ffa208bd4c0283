import { spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { expect, onTestFinished, test } from "vitest";
import { startServer } from "../../harness/server-process.ts";
import { createTempDir } from "../../harness/temp-dir.ts";
import { jsonLines, sitq } from "../cli-harness.ts";

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

const files = ["ca-key.pem", "ca.pem", "client-key.pem", "client.pem", "server-key.pem", "server.pem"];

/** A directory that the command has filled. */
async function init(...options: string[]) {
  const dir = await createTempDir();
  onTestFinished(() => dir.remove());
  const certs = dir.file("certs");
  const outcome = await sitq(["tls", "init", certs, ...options]);
  const certificate = async (name: string) => new X509Certificate(await readFile(`${certs}/${name}`));
  return { dir, certs, outcome, certificate };
}

test("makes an authority, a server's and a client's certificate, with keys that only their owner can read", async () => {
  const { certs, outcome, certificate } = await init();
  expect(outcome).toMatchObject({ exitCode: 0, stderr: "" });
  expect((await readdir(certs)).sort()).toEqual(files);
  for (const name of files) {
    expect((await stat(`${certs}/${name}`)).mode & 0o777).toBe(name.endsWith("-key.pem") ? 0o600 : 0o644);
  }
  expect((await stat(certs)).mode & 0o777).toBe(0o700);
  const [server, client] = [await certificate("server.pem"), await certificate("client.pem")];
  for (const host of ["localhost"]) expect(server.checkHost(host)).toBe(host);
  for (const address of ["127.0.0.1", "::1"]) expect(server.checkIP(address)).toBe(address);
  expect(client.subjectAltName).toBe("URI:spiffe://sitq.local/client");
  expect(outcome.stdout).toContain("spiffe://sitq.local/client");
});

test("takes hosts, a client's name and a time", async () => {
  const hosts = ["sitq.internal", "*.example.com", "10.0.0.7", "fd00::7"];
  const options = hosts.flatMap((host) => ["--host", host]);
  const { outcome, certificate } = await init(...options, "--client", "mail", "--days", "30", "--json");
  const server = await certificate("server.pem");
  expect(server.checkHost("sitq.internal")).toBe("sitq.internal");
  expect(server.checkHost("a.example.com")).toBe("*.example.com");
  expect(server.checkIP("10.0.0.7")).toBe("10.0.0.7");
  expect(server.checkIP("fd00::7")).toBe("fd00::7");
  expect((await certificate("client.pem")).subjectAltName).toBe("URI:spiffe://sitq.local/mail");
  const [summary] = jsonLines(outcome);
  expect(summary).toMatchObject({
    hosts: ["localhost", "127.0.0.1", "::1", ...hosts],
    uri: "spiffe://sitq.local/mail",
  });
  const days = (server.validToDate.getTime() - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(29.9);
  expect(days).toBeLessThan(30.1);
});

test("replaces nothing, and writes nothing beside what is there", async () => {
  const { certs } = await init();
  const before = await readFile(`${certs}/server.pem`, "utf8");
  expect(await sitq(["tls", "init", certs])).toMatchObject({
    exitCode: 4,
    stderr: expect.stringMatching(/ca\.pem already exists\n.*another directory/),
  });
  expect(await readFile(`${certs}/server.pem`, "utf8")).toBe(before);

  await using other = await createTempDir();
  await writeFile(other.file("client-key.pem"), "mine");
  expect(await sitq(["tls", "init", other.path])).toMatchObject({ exitCode: 4 });
  expect(await readdir(other.path)).toEqual(["client-key.pem"]);
});

test.each([
  ["--host", "a:50051"],
  ["--host", "a b"],
  ["--host", "https://a"],
  ["--client", "Mail"],
  ["--client", "a/b"],
  ["--days", "0"],
])("refuses %s %s", async (option, value) => {
  await using dir = await createTempDir();
  expect(await sitq(["tls", "init", dir.path, option, value])).toMatchObject({ exitCode: 2 });
  expect(await readdir(dir.path)).toEqual([]);
});

test.runIf(hasOpenssl)("openssl verifies what it makes", async () => {
  const { certs } = await init();
  for (const [purpose, name] of [
    ["sslserver", "server.pem"],
    ["sslclient", "client.pem"],
  ] as const) {
    const args = ["verify", "-x509_strict", "-purpose", purpose, "-CAfile", `${certs}/ca.pem`, `${certs}/${name}`];
    expect(spawnSync("openssl", args, { encoding: "utf8" })).toMatchObject({ status: 0 });
  }
});

test("the commands that it prints work, one after the other", async () => {
  const { dir, certs, outcome } = await init();
  const lines = outcome.stdout.split("\n").filter((line) => line.startsWith("  sitq "));
  const moved = (line: string) => line.replaceAll(/ (sitq\.db|ops\.token)/g, ` ${dir.path}/$1`).replaceAll("'", "");
  const [create = [], serve = [], principal = [], whoami = []] = lines.map((line) => moved(line).trim().split(" "));
  expect([create[1], serve[1], principal[1], whoami[1]]).toEqual(["token", "serve", "principal", "whoami"]);
  expect(await sitq(create.slice(1))).toMatchObject({ exitCode: 0 });
  const args = serve.slice(2).filter((word, index, all) => word !== "--db" && all[index - 1] !== "--db");
  await using server = await startServer({ db: dir.file("sitq.db"), args });
  const run = (words: readonly string[]) => sitq([...words.slice(1), "--address", server.address]);
  expect(await run(principal)).toMatchObject({ exitCode: 0 });
  expect(await run(whoami)).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^client by certificate uri spiffe:\/\/sitq\.local\/client\n/),
  });
  expect(await sitq(["tls", "issue", certs, "orders"])).toMatchObject({ exitCode: 0 });
  const own = [
    "--tls-ca",
    `${certs}/ca.pem`,
    "--tls-cert",
    `${certs}/orders.pem`,
    "--tls-key",
    `${certs}/orders-key.pem`,
  ];
  const strange = await run(["", "whoami", ...own]);
  expect(strange.exitCode).toBe(8);
});
