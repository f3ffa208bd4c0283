import { readFileSync } from "node:fs";
import { createSecureContext, type SecureContext } from "node:tls";
import { invalid } from "../../grpc/client/invalid.ts";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";

/** How connections are encrypted. Certificates and keys are PEM: the text, its bytes, or the path of a file. */
export interface TlsOptions {
  /** The authorities that may have signed the server's certificate. Default: those that Node trusts. */
  readonly ca?: string | Uint8Array;
  /** The file of `ca`. */
  readonly caFile?: string;
  /** This client's certificate, with those between it and its authority behind it. Default: none. */
  readonly cert?: string | Uint8Array;
  /** The file of `cert`. It may be replaced: each new connection has what is in it then. So it is with the other files. */
  readonly certFile?: string;
  /** The key of `cert`. */
  readonly key?: string | Uint8Array;
  /** The file of `key`. */
  readonly keyFile?: string;
  /** The name that the server's certificate must be for. Default: the host of the address. */
  readonly serverName?: string;
}

const optionNames: OptionNames<TlsOptions> = {
  ca: true,
  caFile: true,
  cert: true,
  certFile: true,
  key: true,
  keyFile: true,
  serverName: true,
};

const parts = ["ca", "cert", "key"] as const;

type Part = (typeof parts)[number];
type Material = Partial<Record<Part, Buffer>>;

/**
 * The certificates and keys of options, as each new connection has them. Files that changed are read again; where the new ones are
 * not usable the last ones stay.
 *
 * @param onUnusable called with what is wrong with files that have changed, once for each text
 * @throws CallError INVALID_ARGUMENT of the option that is not usable at the beginning
 */
export function tlsContexts(options: TlsOptions, onUnusable: (text: string) => void): () => SecureContext {
  refuseUnknown(options, optionNames);
  for (const part of parts) {
    if (options[part] === undefined || options[`${part}File`] === undefined) continue;
    throw invalid(`tls.${part}`, `given twice: as ${part} and as ${part}File`);
  }
  const has = (part: Part) => options[part] !== undefined || options[`${part}File`] !== undefined;
  if (has("cert") !== has("key")) throw invalid("tls", "a client certificate needs both: cert and key");
  let material = readMaterial(options);
  let context = contextOf(material);
  let complaint = "";

  return () => {
    try {
      const next = readMaterial(options);
      if (!parts.every((part) => isSame(next[part], material[part]))) {
        context = contextOf(next);
        material = next;
      }
      complaint = "";
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (text !== complaint) onUnusable(text);
      complaint = text;
    }
    return context;
  };
}

function isSame(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one === other || (one !== undefined && other !== undefined && one.equals(other));
}

/** In step with the connection that begins, and without a wait: the files are small and in the system's cache. */
function readMaterial(options: TlsOptions): Material {
  const material: Material = {};
  for (const part of parts) {
    const value = options[part];
    const file = options[`${part}File`];
    if (value !== undefined) material[part] = Buffer.from(value as string);
    if (file !== undefined) material[part] = readPem(`tls.${part}File`, file);
  }
  return material;
}

function readPem(field: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw invalid(field, `cannot be read: ${why}`, error);
  }
}

function contextOf({ ca, cert, key }: Material): SecureContext {
  // Node takes what holds no certificate at all for an empty list, and then trusts no server.
  if (ca !== undefined && !/-----BEGIN (X509 |TRUSTED )?CERTIFICATE-----/.test(ca.toString("latin1")))
    throw invalid("tls.ca", "holds no certificate in PEM");
  try {
    return createSecureContext({
      ...(ca && { ca }),
      ...(cert && { cert }),
      ...(key && { key }),
      minVersion: "TLSv1.2",
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const isMismatch = /key values mismatch/.test(why);
    throw invalid("tls", isMismatch ? "the key is not that of the certificate" : `not usable: ${why}`, error);
  }
}
