import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CertificateContent, createAuthority } from "../../src/cli/tls/certificates.ts";
import { serviceNames } from "./shop.ts";

/** The certificates of one run: an authority, the server's, and one of each service, which both sides of its calls show. */
export interface Certificates {
  /** What `sitq serve` needs to want a client certificate of everybody. */
  readonly serverArguments: readonly string[];
  /** The variables by which a service shows its certificate. */
  variablesOf(service: string): Readonly<Record<string, string>>;
}

const dayMs = 86_400_000;

/** Makes certificates that are good for a day, in a directory. */
export async function issueCertificates(directory: string): Promise<Certificates> {
  const valid = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + dayMs) };
  const authority = await createAuthority({ commonName: "the shop", ...valid });
  const ca = join(directory, "ca.pem");
  await writeFile(ca, authority.certificate);

  const filesOf = (name: string) => ({ cert: join(directory, `${name}.pem`), key: join(directory, `${name}.key`) });
  async function issue(name: string, content: Pick<CertificateContent, "altNames" | "usages">): Promise<void> {
    const { certificate, key } = await authority.issue({ commonName: name, ...valid, ...content });
    await writeFile(filesOf(name).cert, certificate);
    await writeFile(filesOf(name).key, key, { mode: 0o600 });
  }
  await issue("sitq", { altNames: [{ type: "ip", value: "127.0.0.1" }], usages: ["server"] });
  for (const name of ["shop", ...serviceNames]) {
    // By its name the others call it through `sitq:///NAME`; by the URI it is known.
    const altNames = [{ type: "dns", value: name } as const, { type: "url", value: `spiffe://shop/${name}` } as const];
    await issue(name, { altNames, usages: ["client", "server"] });
  }

  const server = filesOf("sitq");
  return {
    serverArguments: [
      "--tls-cert",
      server.cert,
      "--tls-key",
      server.key,
      "--tls-client-ca",
      ca,
      "--tls-client-auth",
      "require",
    ],
    variablesOf(service) {
      const { cert, key } = filesOf(service);
      return { SITQ_TLS_CA: ca, SITQ_TLS_CERT: cert, SITQ_TLS_KEY: key };
    },
  };
}
