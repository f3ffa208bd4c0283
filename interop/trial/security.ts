import { writeFile } from "node:fs/promises";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { Role } from "sitq/client";
import { withLocalAccess } from "../../src/local/local-access.ts";
import { createTestAuthority, writeTlsFiles } from "../../test/harness/certificates.ts";
import type { TempDir } from "../../test/harness/temp-dir.ts";

/** How clients reach sitq: in plaintext; over TLS with a certificate, or with a JWT, at a server that asks all who they are. */
export type Security = "plaintext" | "certificate" | "token";

/** What a server and its clients need. */
export interface Secured {
  /** For `sitq serve`. */
  readonly serverArguments: readonly string[];
  /** For `sitq xds bootstrap`. */
  readonly bootstrapArguments: readonly string[];
  /** How the judge calls the server, to register instances; `undefined`: in plaintext. */
  readonly tls?: { readonly caFile: string; readonly certFile: string; readonly keyFile: string };
}

const issuer = "https://issuer.test";
const audience = "sitq";

/** Makes certificates, keys and principals in a directory, and in a database that no server has open. */
export async function secure(security: Security, dir: TempDir, db: string): Promise<Secured> {
  if (security === "plaintext") return { serverArguments: [], bootstrapArguments: [] };
  const authority = await createTestAuthority();
  const paths = await writeTlsFiles(dir, await authority.server(), authority.certificate);
  const filesOf = async (name: string) => {
    const { certificate, key } = await authority.client(name);
    const files = { caFile: paths.clientCaPath, certFile: dir.file(`${name}.crt`), keyFile: dir.file(`${name}.key`) };
    await writeFile(files.certFile, certificate);
    await writeFile(files.keyFile, key, { mode: 0o600 });
    return files;
  };
  await withLocalAccess({ dbPath: db }, async (access) => {
    const principals = { judge: [Role.WORKER, Role.OPERATOR], caller: [Role.VIEWER] };
    for (const [name, roles] of Object.entries(principals)) {
      const grants = roles.map((role) => ({ role, services: ["*"] }));
      await access.createPrincipal({ principal: { name, grants, certificateUris: [`spiffe://sitq.test/${name}`] } });
    }
  });
  const keys = await generateKeyPair("ES256");
  const jwks = dir.file("jwks.json");
  await writeFile(jwks, JSON.stringify({ keys: [{ ...(await exportJWK(keys.publicKey)), kid: "k", alg: "ES256" }] }));
  const tokenFile = dir.file("caller.jwt");
  const token = new SignJWT({ sitq: ["viewer:*"] })
    .setProtectedHeader({ alg: "ES256", kid: "k" })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject("jwt-caller")
    .setExpirationTime("1h");
  await writeFile(tokenFile, await token.sign(keys.privateKey), { mode: 0o600 });
  const caller = await filesOf("caller");
  const certificate = ["--tls-cert", caller.certFile, "--tls-key", caller.keyFile];
  const proof = security === "token" ? ["--token-file", tokenFile] : certificate;
  return {
    serverArguments: [
      "--tls-cert",
      paths.certPath,
      "--tls-key",
      paths.keyPath,
      "--tls-client-ca",
      paths.clientCaPath,
      "--tls-client-auth",
      "optional",
      "--auth",
      "on",
      "--jwt-issuer",
      issuer,
      "--jwt-audience",
      audience,
      "--jwt-jwks",
      jwks,
    ],
    bootstrapArguments: ["--tls-ca", caller.caFile, ...proof],
    tls: await filesOf("judge"),
  };
}
