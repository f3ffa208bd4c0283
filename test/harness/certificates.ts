import { writeFile } from "node:fs/promises";
import {
  type Authority,
  type CertificateContent,
  type CertificatePair,
  createAuthority,
  selfSigned,
} from "../../src/cli/tls/certificates.ts";
import type { TempDir } from "./temp-dir.ts";

/** What a test changes of a certificate. */
export type CertificateOverrides = Partial<CertificateContent>;

/** Makes certificates for tests: the usual ones are valid from yesterday until tomorrow. */
export interface TestAuthority extends CertificatePair {
  /** A server's: for `localhost`, `127.0.0.1` and `::1`. */
  server(overrides?: CertificateOverrides): Promise<CertificatePair>;
  /** A client's, with the SAN URI `spiffe://sitq.test/NAME`. */
  client(name?: string, overrides?: CertificateOverrides): Promise<CertificatePair>;
}

const dayMs = 86_400_000;

/** A moment so many days from now. */
export function inDays(days: number): Date {
  return new Date(Date.now() + days * dayMs);
}

/** When the usual certificates are valid. */
function usualTimes(): Pick<CertificateContent, "notBefore" | "notAfter"> {
  return { notBefore: inDays(-1), notAfter: inDays(1) };
}

function serverContent(overrides: CertificateOverrides): CertificateContent {
  return {
    commonName: "sitq server",
    ...usualTimes(),
    altNames: [
      { type: "dns", value: "localhost" },
      { type: "ip", value: "127.0.0.1" },
      { type: "ip", value: "::1" },
    ],
    usages: ["server"],
    ...overrides,
  };
}

/** Makes an authority. */
export async function createTestAuthority(commonName = "sitq test CA"): Promise<TestAuthority> {
  const authority: Authority = await createAuthority({ commonName, ...usualTimes() });
  return {
    certificate: authority.certificate,
    key: authority.key,
    server: (overrides = {}) => authority.issue(serverContent(overrides)),
    client: (name = "client", overrides = {}) =>
      authority.issue({
        commonName: name,
        ...usualTimes(),
        altNames: [{ type: "url", value: `spiffe://sitq.test/${name}` }],
        usages: ["client"],
        ...overrides,
      }),
  };
}

/** Makes a server's certificate that no authority stands behind. */
export function selfSignedServer(overrides: CertificateOverrides = {}): Promise<CertificatePair> {
  return selfSigned(serverContent(overrides));
}

/** Where the files of a server's settings are. */
export interface TlsPaths {
  readonly certPath: string;
  readonly keyPath: string;
  readonly clientCaPath: string;
}

/** Writes the files of a server into a directory, over those that are there: `tls.crt`, `tls.key` and `ca.crt`. */
export async function writeTlsFiles(
  dir: TempDir,
  { certificate, key }: CertificatePair,
  clientCa: string,
): Promise<TlsPaths> {
  const paths = { certPath: dir.file("tls.crt"), keyPath: dir.file("tls.key"), clientCaPath: dir.file("ca.crt") };
  await writeFile(paths.certPath, certificate);
  await writeFile(paths.keyPath, key, { mode: 0o600 });
  await writeFile(paths.clientCaPath, clientCa);
  return paths;
}
