import { spawnSync } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { createTestAuthority, inDays, selfSignedServer } from "../../harness/certificates.ts";
import { createTempDir } from "../../harness/temp-dir.ts";

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

test("an authority signs certificates for servers and clients", async () => {
  const authority = await createTestAuthority();
  const root = new X509Certificate(authority.certificate);
  expect(root.ca).toBe(true);
  for (const pair of [await authority.server(), await authority.client("mail")]) {
    const leaf = new X509Certificate(pair.certificate);
    expect(leaf.ca).toBe(false);
    expect(leaf.checkIssued(root)).toBe(true);
    expect(leaf.verify(root.publicKey)).toBe(true);
    expect(leaf.checkPrivateKey(createPrivateKey(pair.key))).toBe(true);
  }
});

test("a certificate has the names and the times that it was asked for", async () => {
  const authority = await createTestAuthority();
  const [notBefore, notAfter] = [inDays(-3), inDays(-2)];
  const client = new X509Certificate((await authority.client("mail", { notBefore, notAfter })).certificate);
  expect(client.subjectAltName).toBe("URI:spiffe://sitq.test/mail");
  expect(client.subject).toBe("CN=mail");
  expect(client.validToDate.getTime()).toBe(Math.floor(notAfter.getTime() / 1_000) * 1_000);
  const own = new X509Certificate((await selfSignedServer({ altNames: [] })).certificate);
  expect(own.subjectAltName).toBeUndefined();
  expect(own.verify(own.publicKey)).toBe(true);
});

test.runIf(hasOpenssl)("openssl takes them, each for its purpose only", async () => {
  await using dir = await createTempDir();
  const authority = await createTestAuthority();
  await writeFile(dir.file("ca.pem"), authority.certificate);
  await writeFile(dir.file("server.pem"), (await authority.server()).certificate);
  await writeFile(dir.file("client.pem"), (await authority.client()).certificate);
  const verifies = (purpose: string, name: string) => {
    const args = ["verify", "-x509_strict", "-purpose", purpose, "-CAfile", dir.file("ca.pem"), dir.file(name)];
    return spawnSync("openssl", args).status === 0;
  };
  expect(verifies("sslserver", "server.pem")).toBe(true);
  expect(verifies("sslclient", "client.pem")).toBe(true);
  expect(verifies("sslclient", "server.pem")).toBe(false);
  expect(verifies("sslserver", "client.pem")).toBe(false);
});
