import { constants, createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext, type SecureContextOptions } from "node:tls";

/** Where the server's TLS files are, all of them PEM. */
export interface TlsPaths {
  /** The server's certificate, followed by those between it and the authority. */
  readonly certPath: string;
  readonly keyPath: string;
  /** The authorities of the clients; `null`: no client is asked for a certificate. */
  readonly clientCaPath: string | null;
}

/** What was read from the files and fits together. */
export interface TlsMaterial {
  /** What the listener needs, protocol and ciphers included. */
  readonly context: SecureContextOptions;
  /** The server's own certificate. */
  readonly certificate: X509Certificate;
}

/** The TLS files cannot be used; the message says why, for the operator. */
export class TlsFilesRefused extends Error {
  override readonly name = "TlsFilesRefused";
}

/**
 * AES with 128 bits first, the fastest with what processors have for it. Of TLS 1.2 only what has forward secrecy and
 * authenticates what it encrypts: HTTP/2 forbids the others (RFC 9113, 9.2.2).
 */
const ciphers = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

/**
 * The rules of every handshake. They belong to the context, not to the listener: a new context replaces them all.
 *
 * No session is resumed: a resumed one is as its first handshake judged the client's certificate, whatever has been removed or
 * has expired since. gRPC clients keep their connections and do not resume.
 */
const handshakeRules: SecureContextOptions = {
  minVersion: "TLSv1.2",
  maxVersion: "TLSv1.3",
  ciphers,
  secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
};

/**
 * Reads the files and checks that they fit together. Times are not looked at.
 *
 * @throws TlsFilesRefused
 */
export async function readTlsFiles({ certPath, keyPath, clientCaPath }: TlsPaths): Promise<TlsMaterial> {
  const cert = await contentOf(certPath);
  const key = await contentOf(keyPath);
  const ca = clientCaPath === null ? null : await contentOf(clientCaPath);
  const [certificate] = certificatesIn(cert, certPath);
  if (certificate === undefined) throw new TlsFilesRefused(`${certPath} holds no certificate in PEM`);
  if (!certificate.checkPrivateKey(keyIn(key, keyPath))) {
    throw new TlsFilesRefused(`the key in ${keyPath} is not that of the first certificate in ${certPath}`);
  }
  if (ca !== null && certificatesIn(ca, clientCaPath ?? "").length === 0) {
    throw new TlsFilesRefused(`${clientCaPath} holds no certificate in PEM`);
  }
  const context: SecureContextOptions = { ...handshakeRules, cert, key, ...(ca !== null && { ca }) };
  try {
    createSecureContext(context);
  } catch (error) {
    throw new TlsFilesRefused(`TLS refuses ${certPath} or ${keyPath}: ${textOf(error)}`, { cause: error });
  }
  return { context, certificate };
}

/** How long before its end a certificate is spoken of, in milliseconds: 14 days. */
const noticeMs = 1_209_600_000;

/** Of a short-lived certificate: which part of its time. What renews it by itself has done so by then, at two thirds as a rule. */
const noticePart = 1 / 4;

/** What is wrong with the times of a certificate, or will be soon; `null`: nothing. */
export function untimely({ validFromDate, validToDate }: X509Certificate, nowMs: number): string | null {
  if (nowMs > validToDate.getTime()) return `has expired at ${validToDate.toISOString()}`;
  if (nowMs < validFromDate.getTime()) return `is not valid before ${validFromDate.toISOString()}`;
  const lifeMs = validToDate.getTime() - validFromDate.getTime();
  const leftMs = validToDate.getTime() - nowMs;
  if (leftMs < Math.min(noticeMs, lifeMs * noticePart)) return `expires at ${validToDate.toISOString()}`;
  return null;
}

/** The purposes that let a certificate be a server's: serverAuth and any (RFC 5280, 4.2.1.12). */
const serverPurposes = ["1.3.6.1.5.5.7.3.1", "2.5.29.37.0"];

/** Why clients refuse a certificate as a server's at all times; `null`: they do not. */
export function unfitForServer({ subjectAltName, keyUsage }: X509Certificate): string | null {
  if (!/(^|, )(DNS|IP Address):/.test(subjectAltName ?? "")) return "names no host: clients refuse it";
  // Node leaves it undefined where the certificate is for every purpose.
  const purposes: readonly string[] | undefined = keyUsage;
  if (purposes === undefined || serverPurposes.some((each) => purposes.includes(each))) return null;
  return "is not for servers: clients refuse it";
}

async function contentOf(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new TlsFilesRefused(`cannot read ${path}: ${textOf(error)}`, { cause: error });
  }
}

function certificatesIn(pem: Buffer, path: string): X509Certificate[] {
  const blocks = pem.toString("latin1").match(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs) ?? [];
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch (error) {
      throw new TlsFilesRefused(`certificate ${index + 1} in ${path} is damaged: ${textOf(error)}`, { cause: error });
    }
  });
}

function keyIn(pem: Buffer, path: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new TlsFilesRefused(`${path} holds no private key in PEM that opens without a passphrase`, { cause: error });
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
