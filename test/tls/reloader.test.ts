/** The files are real, and mostly the clock too: what is tested is what the file system tells. */

import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { chmod, mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { CertificatePair } from "../../src/cli/tls/certificates.ts";
import { systemClock } from "../../src/domain/clock.ts";
import { unfitForServer, untimely } from "../../src/tls/tls-files.ts";
import { TlsReloader } from "../../src/tls/tls-reloader.ts";
import {
  createTestAuthority,
  inDays,
  type TestAuthority,
  type TlsPaths,
  writeTlsFiles,
} from "../harness/certificates.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { createTempDir, type TempDir } from "../harness/temp-dir.ts";
import { recordLog, replaceFile } from "./tls-harness.ts";

const dayMs = 86_400_000;

let authority: TestAuthority;
let first: CertificatePair;
let dir: TempDir;
let paths: TlsPaths;
beforeEach(async () => {
  authority = await createTestAuthority();
  first = await authority.server();
  dir = await createTempDir();
  paths = await writeTlsFiles(dir, first, authority.certificate);
});
afterEach(() => dir.remove());

/** A reloader that looks often, and ends with the test. */
async function follow(at: TlsPaths) {
  const { log, lines, until } = recordLog();
  const reloader = await TlsReloader.open({ paths: at, clock: systemClock, log, lookEveryMs: 10 });
  onTestFinished(() => reloader.stop());
  await reloader.start();
  return { reloader, lines, until, current: () => String(reloader.context.cert) };
}

const took = "info read the TLS files again";
const kept = "error cannot use the new TLS files: the old certificate stays";

describe("takes new files", () => {
  test("written in place, one after the other", async () => {
    const { current, lines, until } = await follow(paths);
    const next = await authority.server();
    await writeTlsFiles(dir, next, authority.certificate);
    // On a busy machine looks may meet them half written.
    for (let count = 1; lines.at(-1) !== took; count++) await until(count);
    expect(current()).toBe(next.certificate);
  });

  test("renamed into place", async () => {
    const { reloader, until } = await follow(paths);
    const other = await createTestAuthority();
    await replaceFile(paths.clientCaPath, other.certificate);
    await until(1);
    expect(String(reloader.context.ca)).toBe(other.certificate);
  });

  test("behind a link that is swapped, as Kubernetes does with secrets", async () => {
    const mount = dir.file("mount");
    const put = async (name: string, { certificate, key }: CertificatePair) => {
      await mkdir(`${mount}/${name}`, { recursive: true });
      await writeFile(`${mount}/${name}/tls.crt`, certificate);
      await writeFile(`${mount}/${name}/tls.key`, key, { mode: 0o600 });
      await symlink(name, `${mount}/..data_tmp`);
      await rename(`${mount}/..data_tmp`, `${mount}/..data`);
    };
    await put("..2026_1", first);
    for (const name of ["tls.crt", "tls.key"]) await symlink(`..data/${name}`, `${mount}/${name}`);
    const { current, lines, until } = await follow({
      certPath: `${mount}/tls.crt`,
      keyPath: `${mount}/tls.key`,
      clientCaPath: paths.clientCaPath,
    });
    const next = await authority.server();
    await put("..2026_2", next);
    await rm(`${mount}/..2026_1`, { recursive: true });
    await until(1);
    expect(lines).toEqual([took]);
    expect(current()).toBe(next.certificate);
  });
});

test.each<[string, (next: CertificatePair) => Promise<void>, RegExp]>([
  [
    "the key is another one's",
    async ({ key }) => replaceFile(paths.keyPath, key),
    /is not that of the first certificate/,
  ],
  ["the certificate is gone", async () => rm(paths.certPath), /cannot read .*tls\.crt: ENOENT/],
  [
    "the certificate is cut off",
    async () => replaceFile(paths.certPath, first.certificate.slice(0, 200)),
    /no certificate/,
  ],
  ["the certificate is damaged", async () => replaceFile(paths.certPath, damaged(first.certificate)), /is damaged/],
  ["the key is empty", async () => replaceFile(paths.keyPath, ""), /holds no private key/],
  ["the authorities are none", async () => replaceFile(paths.clientCaPath, "none\n"), /ca\.crt holds no certificate/],
])("keeps the old files when %s, says so once, and takes the next good ones", async (_, spoil, reason) => {
  const { reloader, current, lines, until } = await follow(paths);
  const next = await authority.server();
  await spoil(next);
  await until(1);
  expect(lines[0]).toMatch(kept);
  expect(lines[0]).toMatch(reason);
  expect(current()).toBe(first.certificate);
  await reloader.reload();
  expect(lines).toHaveLength(2);
  await writeTlsFiles(dir, next, authority.certificate);
  await reloader.reload();
  expect(lines.at(-1)).toBe(took);
  expect(current()).toBe(next.certificate);
});

test("reads at once when it is told to, and after the end not at all", async () => {
  const { log, lines } = recordLog();
  const reloader = await TlsReloader.open({ paths, clock: systemClock, log });
  await reloader.reload();
  expect(lines).toEqual([took]);
  await reloader.stop();
  await reloader.reload();
  expect(lines).toEqual([took]);
});

test("an expired certificate is a warning", async () => {
  const { log, lines } = recordLog();
  const expired = await authority.server({ notBefore: inDays(-3), notAfter: inDays(-2) });
  await writeTlsFiles(dir, expired, authority.certificate);
  await TlsReloader.open({ paths, clock: systemClock, log });
  const { validToDate } = new X509Certificate(expired.certificate);
  expect(lines).toEqual([`warn the server's certificate has expired at ${validToDate.toISOString()}`]);
});

test("a certificate is warned of every day from 14 days before its end, until another one is there", async () => {
  const { log, lines } = recordLog();
  const ending = await authority.server({ notBefore: inDays(-60), notAfter: inDays(16) });
  await writeTlsFiles(dir, ending, authority.certificate);
  const clock = createFakeClock(Date.now());
  // It looks at the files by the test's call only.
  const reloader = await TlsReloader.open({ paths, clock, log, lookEveryMs: 1_000 * dayMs });
  await reloader.start();
  const end = new X509Certificate(ending.certificate).validToDate.toISOString();
  clock.advance(dayMs);
  expect(lines).toEqual([]);
  for (let day = 2; day < 16; day++) clock.advance(dayMs);
  expect(lines).toEqual(Array.from({ length: 14 }, () => `warn the server's certificate expires at ${end}`));
  clock.advance(dayMs);
  expect(lines.slice(14)).toEqual([`warn the server's certificate has expired at ${end}`]);
  await writeTlsFiles(dir, await authority.server({ notAfter: inDays(60) }), authority.certificate);
  await reloader.reload();
  clock.advance(2 * dayMs);
  expect(lines.slice(15)).toEqual([took]);
  await reloader.stop();
  expect(clock.pendingTimers).toBe(0);
});

test.each([
  ["a certificate of four days", 4, 1],
  ["one of a year", 365, 14],
])("warns of %s: of its %i days, in the last %i", async (_, days, lastDays) => {
  const { certificate } = await authority.server({ notBefore: inDays(-1), notAfter: inDays(days - 1) });
  const parsed = new X509Certificate(certificate);
  const endMs = parsed.validToDate.getTime();
  expect(untimely(parsed, endMs - lastDays * dayMs)).toBe(null);
  expect(untimely(parsed, endMs - lastDays * dayMs + 1)).toBe(`expires at ${parsed.validToDate.toISOString()}`);
  expect(untimely(parsed, endMs + 1)).toContain("has expired");
});

test.each<[string, () => Promise<void>, RegExp]>([
  ["a missing file", () => rm(paths.keyPath), /cannot read .*tls\.key: ENOENT/],
  [
    "a key that does not fit",
    async () => writeFile(paths.keyPath, authority.key),
    /is not that of the first certificate/,
  ],
  ["a key with a passphrase", async () => writeFile(paths.keyPath, locked()), /without a passphrase/],
])("%s is refused at the start", async (_, spoil, text) => {
  await spoil();
  const opened = TlsReloader.open({ paths, clock: systemClock, log: recordLog().log });
  await expect(opened).rejects.toMatchObject({ name: "TlsFilesRefused", message: expect.stringMatching(text) });
});

/** A certificate whose base64 is not one. */
function damaged(pem: string): string {
  return pem.replace(/\n[A-Za-z0-9+/]{64}\n/, `\n${"A".repeat(64)}\n`);
}

function locked(): string {
  const cipher = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "secret" } as const;
  return generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: cipher,
    publicKeyEncoding: { type: "spki", format: "pem" },
  }).privateKey;
}

test("warns of a key that everybody on the machine can read, at the start and when it is read again", async () => {
  await chmod(paths.keyPath, 0o644);
  const { lines, reloader } = await follow(paths);
  const warning = "warn everybody on this machine can read the server's key";
  expect(lines).toEqual([warning]);
  await reloader.reload();
  expect(lines).toEqual([warning, took, warning]);
  await chmod(paths.keyPath, 0o640);
  await reloader.reload();
  expect(lines.at(-1)).toBe(took);
});

test("warns of a certificate that clients refuse as a server's", async () => {
  const problemOf = ({ certificate }: CertificatePair) => unfitForServer(new X509Certificate(certificate));
  expect(problemOf(first)).toBeNull();
  expect(problemOf(await authority.client())).toBe("names no host: clients refuse it");
  expect(problemOf(await authority.server({ usages: ["client"] }))).toBe("is not for servers: clients refuse it");
  const { lines } = await follow(await writeTlsFiles(dir, await authority.client(), authority.certificate));
  expect(lines).toEqual(["warn the server's certificate names no host: clients refuse it"]);
});
