import { issueCertificates } from "./certificates.ts";
import { createPrincipals } from "./principals.ts";

/** By which files a principal proves who it is, as `connect` takes them. */
export interface Identity {
  readonly tls: { readonly caFile: string; readonly certFile: string; readonly keyFile: string };
  readonly tokenFile: string;
}

/** A shop whose services show who they are, and do what they may and nothing else. */
export interface Secured {
  /** What `sitq serve` needs to want a client certificate and a token of everybody. */
  readonly serverArguments: readonly string[];
  identityOf(name: string): Identity;
  /** The variables by which the SDK finds the same. */
  variablesOf(name: string): Readonly<Record<string, string>>;
}

/** Makes certificates and tokens in a directory, and their principals in a database that no server has open. */
export async function secure(db: string, directory: string): Promise<Secured> {
  const { serverArguments, filesOf } = await issueCertificates(directory);
  const tokenFileOf = await createPrincipals(db, directory);
  return {
    serverArguments: [...serverArguments, "--auth", "on"],
    identityOf: (name) => ({ tls: filesOf(name), tokenFile: tokenFileOf(name) }),
    variablesOf(name) {
      const { caFile, certFile, keyFile } = filesOf(name);
      return {
        SITQ_TLS_CA: caFile,
        SITQ_TLS_CLIENT_CERT: certFile,
        SITQ_TLS_CLIENT_KEY: keyFile,
        SITQ_TOKEN_FILE: tokenFileOf(name),
      };
    },
  };
}
