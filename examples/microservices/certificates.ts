import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CertificateContent, createAuthority } from "../../src/cli/tls/certificates.ts";
import { serviceNames } from "./shop.ts";

/** The certificates of one run: an authority, the server's, and one of each service, which both sides of its calls show. */
export interface Certificates {
  /** What `sitq serve` needs to want a client certificate of everybody. */
  readonly serverArguments: readonly string[];
  /** The files of a service. */
  filesOf(name: string): { readonly caFile: string; readonly certFile: string; readonly keyFile: string };
}

/** What a principal's certificate says that it is. */
export function uriOf(name: string): string {
  return `spiffe://shop/${name}`;
}

const dayMs = 86_400_000;

/** Makes certificates that are good for a day, in a directory. */
export async function issueCertificates(directory: string): Promise<Certificates> {
  const valid = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + dayMs) };
  const authority = await createAuthority({ commonName: "the shop", ...valid });
  const caFile = join(directory, "ca.pem");
  await writeFile(caFile, authority.certificate);

  const filesOf = (name: string) => ({
    caFile,
    certFile: join(directory, `${name}.pem`),
    keyFile: join(directory, `${name}.key`),
  });
  async function issue(name: string, content: Pick<CertificateContent, "altNames" | "usages">): Promise<void> {
    const { certificate, key } = await authority.issue({ commonName: name, ...valid, ...content });
    await writeFile(filesOf(name).certFile, certificate);
    await writeFile(filesOf(name).keyFile, key, { mode: 0o600 });
  }
  await issue("sitq", { altNames: [{ type: "ip", value: "127.0.0.1" }], usages: ["server"] });
  for (const name of ["shop", ...serviceNames]) {
    // By its name the others call it through `sitq:///NAME`; by the URI it is known.
    const altNames = [{ type: "dns", value: name } as const, { type: "url", value: uriOf(name) } as const];
    await issue(name, { altNames, usages: ["client", "server"] });
  }

  const { certFile, keyFile } = filesOf("sitq");
  return {
    serverArguments: [
      "--tls-cert",
      certFile,
      "--tls-key",
      keyFile,
      "--tls-client-ca",
      caFile,
      "--tls-client-auth",
      "require",
    ],
    filesOf,
  };
}
