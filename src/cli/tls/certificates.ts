import { createPrivateKey, KeyObject, randomBytes, webcrypto } from "node:crypto";
import "reflect-metadata";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonGeneralNames,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

/** A certificate with its key, both as PEM. */
export interface CertificatePair {
  readonly certificate: string;
  readonly key: string;
}

/** What the certificate of a server or a client says. */
export interface CertificateContent {
  /** For people only: nothing is decided by it. */
  readonly commonName: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Names and addresses of a server, the URI of a client. Default: none. */
  readonly altNames?: JsonGeneralNames;
  /** What it may be used for. */
  readonly usages: readonly ("client" | "server")[];
}

/** Signs certificates. */
export interface Authority extends CertificatePair {
  issue(content: CertificateContent): Promise<CertificatePair>;
}

/** ECDSA with P-256: every TLS library takes it, and a handshake costs a fraction of one with RSA. */
const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

const usageIds = { client: ExtendedKeyUsage.clientAuth, server: ExtendedKeyUsage.serverAuth };

/** Makes an authority whose certificate is signed by itself. */
export async function createAuthority(
  content: Pick<CertificateContent, "commonName" | "notBefore" | "notAfter">,
): Promise<Authority> {
  const keys = await generateKeys();
  const certificate = await X509CertificateGenerator.create({
    ...fieldsOf(content),
    issuer: subjectOf(content),
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const pair = pairOf(certificate.toString("pem"), keys);
  return { ...pair, issue: (leaf) => issueBy(certificate, keys.privateKey, leaf) };
}

/** Opens an authority that `createAuthority` has made. Rejects if its certificate or key is of another kind. */
export async function openAuthority({ certificate, key }: CertificatePair): Promise<Authority> {
  const signer = new X509Certificate(certificate);
  const der = createPrivateKey(key).export({ type: "pkcs8", format: "der" });
  const signingKey = await webcrypto.subtle.importKey("pkcs8", new Uint8Array(der), algorithm, false, ["sign"]);
  return { certificate, key, issue: (leaf) => issueBy(signer, signingKey, leaf) };
}

async function issueBy(
  authority: X509Certificate,
  signingKey: webcrypto.CryptoKey,
  content: CertificateContent,
): Promise<CertificatePair> {
  const keys = await generateKeys();
  const issued = await X509CertificateGenerator.create({
    ...fieldsOf(content),
    issuer: authority.subjectName,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    extensions: [
      ...leafExtensions(content),
      await AuthorityKeyIdentifierExtension.create(authority.publicKey),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return pairOf(issued.toString("pem"), keys);
}

/** Makes a certificate that no authority stands behind. */
export async function selfSigned(content: CertificateContent): Promise<CertificatePair> {
  const keys = await generateKeys();
  const certificate = await X509CertificateGenerator.create({
    ...fieldsOf(content),
    issuer: subjectOf(content),
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm: algorithm,
    extensions: leafExtensions(content),
  });
  return pairOf(certificate.toString("pem"), keys);
}

function generateKeys() {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

type Named = Pick<CertificateContent, "commonName" | "notBefore" | "notAfter">;

function fieldsOf(content: Named) {
  const { notBefore, notAfter } = content;
  return { serialNumber: serialNumber(), subject: subjectOf(content), notBefore, notAfter };
}

function subjectOf({ commonName }: Named) {
  return [{ CN: [commonName] }];
}

function leafExtensions({ altNames = [], usages }: CertificateContent): Extension[] {
  const extensions: Extension[] = [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension(usages.map((usage) => usageIds[usage])),
  ];
  if (altNames.length > 0) extensions.push(new SubjectAlternativeNameExtension(altNames));
  return extensions;
}

/** 127 random bits, in hexadecimal: a positive number. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8(bytes.readUInt8(0) & 0x7f, 0);
  return bytes.toString("hex");
}

function pairOf(certificate: string, { privateKey }: { readonly privateKey: webcrypto.CryptoKey }): CertificatePair {
  const key = KeyObject.from(privateKey).export({ type: "pkcs8", format: "pem" });
  return { certificate: `${certificate.trim()}\n`, key: String(key) };
}
