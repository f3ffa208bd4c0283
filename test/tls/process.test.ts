/** A server with TLS as an operator runs it: its signals, and what other programs see of it. */

import { spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { expect, onTestFinished, test } from "vitest";
import type { CertificatePair } from "../../src/cli/tls/certificates.ts";
import { jsonLines, sitq } from "../cli/cli-harness.ts";
import { createTestAuthority, inDays, selfSignedServer, writeTlsFiles } from "../harness/certificates.ts";
import { startServer } from "../harness/server-process.ts";
import { createTempDir } from "../harness/temp-dir.ts";
import { openTls, replaceFile } from "./tls-harness.ts";

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

/** A process with TLS; it ends with the test. */
async function startProcess() {
  const dir = await createTempDir();
  const authority = await createTestAuthority();
  const pair = await authority.server();
  const paths = await writeTlsFiles(dir, pair, authority.certificate);
  const args = ["--tls-cert", paths.certPath, "--tls-key", paths.keyPath, "--log-format", "json"];
  const server = await startServer({ db: dir.file("sitq.db"), args });
  onTestFinished(async () => {
    await server.kill();
    await dir.remove();
  });
  const shown = async (ca = authority.certificate) => {
    const socket = await openTls(server.address, { ca });
    const fingerprint = socket.getPeerX509Certificate()?.fingerprint256;
    socket.destroy();
    return fingerprint;
  };
  return { authority, dir, pair, paths, server, shown };
}

const fingerprintOf = (pem: string) => new X509Certificate(pem).fingerprint256;

test("SIGHUP reads the files at once; a broken pair is logged and the old one stays; SIGTERM still drains", async () => {
  const { authority, pair, paths, server, shown } = await startProcess();
  expect(await shown()).toBe(fingerprintOf(pair.certificate));

  const next = await authority.server();
  await replaceFile(paths.certPath, next.certificate);
  await replaceFile(paths.keyPath, next.key);
  server.signal("SIGHUP");
  await server.logged("read the TLS files again");
  expect(await shown()).toBe(fingerprintOf(next.certificate));

  await replaceFile(paths.keyPath, pair.key);
  server.signal("SIGHUP");
  await server.logged("cannot use the new TLS files");
  expect(server.log).toContain("is not that of the first certificate");
  expect(server.log).not.toContain("PRIVATE KEY");
  expect(await shown()).toBe(fingerprintOf(next.certificate));

  server.signal("SIGTERM");
  expect(await server.exited).toEqual({ code: 0, signal: null });
});

test("it says until when the certificate is valid that it uses", async () => {
  const { authority, dir, pair, paths, server } = await startProcess();
  await writeFile(dir.file("root.pem"), authority.certificate);
  const options = ["--address", server.address, "--tls-ca", dir.file("root.pem")];
  const [before] = jsonLines(await sitq(["version", "--server", "--json", ...options]));
  const endOf = ({ certificate }: CertificatePair) => new X509Certificate(certificate).validToDate.toISOString();
  expect(before).toMatchObject({ server: { certificateExpireTime: endOf(pair) } });
  const next = await authority.server({ notAfter: inDays(50) });
  await replaceFile(paths.certPath, next.certificate);
  await replaceFile(paths.keyPath, next.key);
  server.signal("SIGHUP");
  await server.logged("read the TLS files again");
  expect((await sitq(["version", "--server", ...options])).stdout).toContain(`, certificate until ${endOf(next)})`);
});

test("a server whose pair does not fit does not start", async () => {
  await using dir = await createTempDir();
  const { certificate } = await selfSignedServer();
  const { key } = await selfSignedServer();
  const { certPath, keyPath } = await writeTlsFiles(dir, { certificate, key }, certificate);
  const started = startServer({ db: dir.file("sitq.db"), args: ["--tls-cert", certPath, "--tls-key", keyPath] });
  await expect(started).rejects.toThrow(/ended with 1 .*is not that of the first certificate/s);
});

test("without TLS, a SIGHUP ends the server as ever", async () => {
  await using dir = await createTempDir();
  await using server = await startServer({ db: dir.file("sitq.db") });
  server.signal("SIGHUP");
  expect(await server.exited).toEqual({ code: null, signal: "SIGHUP" });
});

test.runIf(hasOpenssl).each(["-tls1_2", "-tls1_3"])("openssl s_client %s speaks h2 with it", async (version) => {
  const { authority, dir, server } = await startProcess();
  await writeFile(dir.file("root.pem"), authority.certificate);
  const args = ["s_client", "-connect", server.address, "-CAfile", dir.file("root.pem"), "-verify_return_error"];
  const { stdout } = spawnSync("openssl", [...args, "-alpn", "h2", version], { input: "", encoding: "utf8" });
  expect(stdout).toContain("Verify return code: 0 (ok)");
  expect(stdout).toContain("ALPN protocol: h2");
  expect(stdout).toContain(version === "-tls1_2" ? "TLSv1.2" : "TLSv1.3");
});

test.runIf(hasOpenssl)("openssl s_client -tls1_1 is refused", async () => {
  const { server } = await startProcess();
  const args = ["s_client", "-connect", server.address, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"];
  const { status, stderr } = spawnSync("openssl", args, { input: "", encoding: "utf8" });
  expect(status).not.toBe(0);
  expect(stderr).toMatch(/protocol version/);
});
