/** Servers that share a database, with TLS. */

import { describe, expect, it, onTestFinished } from "vitest";
import { serverContent } from "../../src/cli/tls/leaf.ts";
import { createTestAuthority, inDays, writeTlsFiles } from "../harness/certificates.ts";
import { isPostgresMissing } from "../harness/databases/postgres.ts";
import { createTempDir } from "../harness/temp-dir.ts";
import { clustersForTests } from "./cluster-harness.ts";

describe.skipIf(isPostgresMissing)("servers of one database with TLS and authorities of clients", () => {
  const startCluster = clustersForTests();
  const times = { notBefore: inDays(-1), notAfter: inDays(1) };
  const ofTlsInit = serverContent(["localhost", "127.0.0.1"], times);

  it.each([
    ["optional", "of sitq tls init", ofTlsInit],
    ["optional", "for servers alone", { ...ofTlsInit, usages: ["server"] }],
    ["require", "of sitq tls init", ofTlsInit],
  ] as const)("hear each other where certificates are %s, with one %s", async (tlsClientAuth, _, content) => {
    const dir = await createTempDir();
    onTestFinished(() => dir.remove());
    const authority = await createTestAuthority();
    const files = await writeTlsFiles(dir, await authority.server(content), authority.certificate);
    const tls = { tlsCertPath: files.certPath, tlsKeyPath: files.keyPath, tlsClientCaPath: files.clientCaPath };
    const servers = await startCluster(2, { config: { ...tls, tlsClientAuth } });
    for (const { log } of servers) {
      expect(log.filter(({ message }) => /cannot be heard|handshake failed/.test(message))).toEqual([]);
    }
  });
});
