import { X509Certificate } from "node:crypto";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { expect, onTestFinished, test } from "vitest";
import { createTestAuthority, inDays } from "../../harness/certificates.ts";
import { createTempDir } from "../../harness/temp-dir.ts";
import { jsonLines, sitq } from "../cli-harness.ts";

/** A directory with an authority. */
async function authority() {
  const dir = await createTempDir();
  onTestFinished(() => dir.remove());
  const certs = dir.file("certs");
  expect(await sitq(["tls", "init", certs, "--days", "30"])).toMatchObject({ exitCode: 0 });
  const read = async (name: string) => new X509Certificate(await readFile(`${certs}/${name}`));
  return { certs, read, issue: (...args: string[]) => sitq(["tls", "issue", certs, ...args]) };
}

test("makes a client's certificate of the same authority, and says how it is given to a principal", async () => {
  const { certs, read, issue } = await authority();
  const outcome = await issue("orders", "--days", "7");
  expect(outcome).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("spiffe://sitq.local/orders") });
  expect(outcome.stderr).toContain("sitq principal create orders --role ROLE --cert-uri spiffe://sitq.local/orders\n");
  expect(outcome.stderr).toContain("sitq principal set orders --cert-uri spiffe://sitq.local/orders\n");
  const [root, orders] = [await read("ca.pem"), await read("orders.pem")];
  expect(orders.subjectAltName).toBe("URI:spiffe://sitq.local/orders");
  expect(orders.checkIssued(root) && orders.verify(root.publicKey)).toBe(true);
  expect(orders.validToDate.getTime()).toBeLessThan(inDays(8).getTime());
  expect((await stat(`${certs}/orders-key.pem`)).mode & 0o777).toBe(0o600);
  expect((await stat(`${certs}/orders.pem`)).mode & 0o777).toBe(0o644);
});

test("makes a server's, and replaces one only with --force", async () => {
  const { read, issue } = await authority();
  const args = ["server", "--server", "--host", "sitq.internal"];
  const before = await read("server.pem");
  expect(await issue(...args)).toMatchObject({ exitCode: 4, stderr: expect.stringContaining("--force") });
  expect((await read("server.pem")).fingerprint256).toBe(before.fingerprint256);
  const [made] = jsonLines(await issue(...args, "--force", "--json"));
  expect(made).toMatchObject({ hosts: ["localhost", "127.0.0.1", "::1", "sitq.internal"] });
  const [root, after] = [await read("ca.pem"), await read("server.pem")];
  expect(after.checkHost("sitq.internal")).toBe("sitq.internal");
  expect(after.checkIssued(root) && after.verify(root.publicKey)).toBe(true);
});

test("makes none that outlives its authority", async () => {
  const { read, issue } = await authority();
  const outcome = await issue("orders", "--days", "60");
  expect(outcome.stderr).toContain("The authority ends then");
  expect((await read("orders.pem")).validToDate).toEqual((await read("ca.pem")).validToDate);
  const sameDays = await issue("billing", "--days", "30");
  expect(sameDays.stderr).not.toContain("The authority ends then");
});

test("refuses what is no authority, names of its files, and a host of a client", async () => {
  const { certs, issue } = await authority();
  const before = await readdir(certs);
  for (const name of ["ca", "client-key", "Orders"]) expect(await issue(name)).toMatchObject({ exitCode: 2 });
  expect((await issue("orders", "--host", "a")).stderr).toContain("add --server");
  const strange = await createTestAuthority();
  await writeFile(`${certs}/ca.pem`, strange.certificate);
  expect((await issue("orders")).stderr).toContain("no authority that can sign");
  await rm(`${certs}/ca-key.pem`);
  expect((await issue("orders")).stderr).toMatch(/cannot read .*ca-key\.pem.*\n.*sitq tls init/);
  expect(await readdir(certs)).toEqual(before.filter((name) => name !== "ca-key.pem"));
});
