import { setting } from "./setting.ts";
import { choice, choices, file, onOff, optional, text } from "./setting-kinds.ts";

/** Keys in clear text could be replaced on their way. */
function isJwks(value: string): boolean {
  if (!/^https?:/i.test(value)) return true;
  if (!URL.canParse(value)) return false;
  const { protocol, hostname } = new URL(value);
  return protocol === "https:" || ["127.0.0.1", "[::1]", "localhost"].includes(hostname);
}

/** The settings that say who may call the server, and how; part of the table of all settings. */
export const securitySettings = {
  tlsCertPath: setting(
    "tls-cert",
    optional(file()),
    null,
    "The server's certificate in PEM, with those between it and its authority; turns TLS on.",
  ),
  tlsKeyPath: setting(
    "tls-key",
    optional(file()),
    null,
    "The private key of the certificate, in PEM without a passphrase.",
  ),
  tlsClientCaPath: setting(
    "tls-client-ca",
    optional(file()),
    null,
    "The authorities, in PEM, whose certificates clients may show.",
  ),
  tlsClientAuth: setting(
    "tls-client-auth",
    choice(["auto", "none", "optional", "require"]),
    "auto",
    "Whether clients must show a certificate; auto: require with --tls-client-ca, else none.",
  ),
  auth: setting(
    "auth",
    choice(["off", "on"]),
    "off",
    "Whether callers must prove who they are; off: every client that reaches the port may do everything.",
  ),
  bootstrapTokenFilePath: setting(
    "bootstrap-token-file",
    optional(file()),
    null,
    "Where the server leaves the token of the first admin, if there is no admin; only its own user can read it.",
  ),
  jwtIssuer: setting(
    "jwt-issuer",
    optional(text("ISSUER", "the `iss` of JWTs", () => true)),
    null,
    "Takes JWTs of this issuer as credentials.",
  ),
  jwtAudience: setting(
    "jwt-audience",
    optional(text("AUDIENCE", "the `aud` of JWTs", () => true)),
    null,
    "The audience that a JWT must name.",
  ),
  jwtJwks: setting(
    "jwt-jwks",
    optional(text("URL|FILE", "an https URL, an http URL on loopback, or the path of a file", isJwks)),
    null,
    "The issuer's keys, as a JWK set.",
  ),
  jwtAlgorithms: setting(
    "jwt-algorithms",
    choices(["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]),
    ["RS256", "PS256", "ES256", "EdDSA"],
    "The algorithms that a JWT may be signed by.",
  ),
  jwtPrincipalClaim: setting(
    "jwt-principal-claim",
    text("CLAIM", "the name of a claim", () => true),
    "sub",
    "The claim of a JWT with the name of its principal.",
  ),
  jwtGrantsClaim: setting(
    "jwt-grants-claim",
    text("CLAIM", "the name of a claim", () => true),
    "sitq",
    "The claim of a JWT with its grants: a list of texts such as worker:mail.*",
  ),
  reflection: setting(
    "reflection",
    choice(["auto", "on", "off"]),
    "auto",
    "Whether server reflection shows the contract to everybody, as grpcurl needs it; auto: on a loopback address only.",
  ),
  insecure: setting(
    "insecure",
    onOff(),
    false,
    "Allows listening on a non-loopback address without TLS or authentication.",
  ),
} as const;
