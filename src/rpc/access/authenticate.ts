import { refreshed, signIn } from "../../access/authenticator.ts";
import type { Directory } from "../../access/directory.ts";
import { DirectoryReload } from "../../access/directory-reload.ts";
import { createJwtVerifier, type IssuerVerifier } from "../../access/jwt.ts";
import { peerAddress } from "../../domain/access/peer-address.ts";
import { openPrincipal, type Principal } from "../../domain/access/principal.ts";
import type { Clock } from "../../domain/clock.ts";
import { SitqError } from "../../domain/errors.ts";
import type { Log } from "../../domain/log.ts";
import type { CallConnection } from "../../grpc/handlers.ts";
import type { Authenticator } from "../calls/authorize.ts";
import { FailedSignIns } from "../limits/failed-sign-ins.ts";
import { PrincipalConnections } from "../limits/principal-connections.ts";
import type { Reporting } from "../limits/quiet-report.ts";

/** How callers are found, and how much each may have. */
export interface AuthenticatorSettings {
  readonly maxConnectionsPerPrincipal: number;
  readonly maxFailedSignIns: number;
}

/** Whose JWTs are taken; `null`: none. */
export interface JwtSettings {
  readonly jwtIssuer: string | null;
  readonly jwtAudience: string | null;
  readonly jwtJwks: string | null;
  readonly jwtAlgorithms: readonly string[];
  readonly jwtPrincipalClaim: string;
  readonly jwtGrantsClaim: string;
}

/** What proves principals. */
export interface Provers {
  /** `null`: authentication is off, and every call is the open principal's. */
  readonly directory: Directory | null;
  /** Other servers change what the directory has read: it is reloaded before an unknown credential is refused. */
  readonly isShared: boolean;
  /** `null`: no JWTs are taken. */
  readonly jwt: IssuerVerifier | null;
}

/** Finds out who makes a call, by its metadata and the certificate of its connection. */
export function callAuthenticator(
  { directory, jwt, isShared }: Provers,
  settings: AuthenticatorSettings,
  { clock, log }: Reporting & { readonly clock: Clock },
): Authenticator {
  if (directory === null) return { principalOf: () => openPrincipal };
  const failures = new FailedSignIns({ clock, log, most: settings.maxFailedSignIns });
  const reload = isShared ? new DirectoryReload(() => directory.load(), clock) : null;
  const connections = new PrincipalConnections(settings.maxConnectionsPerPrincipal, { clock, log });

  function admitted(principal: Principal, connection: CallConnection | null): Principal {
    connections.admit(principal.name, connection);
    return principal;
  }

  return {
    changes: {
      refreshed: (principal) => refreshed(principal, directory, jwt),
      onChange(listener) {
        directory.onChange(listener);
        jwt?.onChange(listener);
      },
    },
    principalOf(call) {
      const authorization = call.metadata.get("authorization").map(String);
      const connection = call.connection();
      const refuse = async (error: unknown): Promise<never> => {
        throw await failures.answerTo(error, peerAddress(call.peer), call.signal);
      };
      const beforeSignature = () => failures.beforeSignature(peerAddress(call.peer));
      const find = () =>
        signIn({ authorization, certificate: call.peerCertificate() }, directory, jwt, beforeSignature);
      const findAfter = async (loading: DirectoryReload): Promise<Principal> => {
        await loading.run();
        try {
          return admitted(await find(), connection);
        } catch (again) {
          return refuse(again);
        }
      };
      const failed = (error: unknown) => (reload !== null && isUnknown(error) ? findAfter(reload) : refuse(error));
      try {
        const principal = find();
        if (!(principal instanceof Promise)) return admitted(principal, connection);
        return principal.then((known) => admitted(known, connection), failed);
      } catch (error) {
        return failed(error);
      }
    },
  };
}

/** Whether a credential is refused that the directory would know, if it had one like it. */
function isUnknown(error: unknown): boolean {
  if (!(error instanceof SitqError) || error.reason !== "INVALID_CREDENTIALS") return false;
  const credential = error.details.metadata?.credential;
  return credential === "token" || credential === "certificate";
}

/** The verifier of JWTs that the settings ask for; `null`: they ask for none. */
export function jwtVerifierOf(
  settings: JwtSettings,
  { clock, log }: { readonly clock: Clock; readonly log: Pick<Log, "info" | "warn"> },
): IssuerVerifier | null {
  const { jwtIssuer: issuer, jwtAudience: audience, jwtJwks: jwks, jwtAlgorithms: algorithms } = settings;
  const { jwtPrincipalClaim: principalClaim, jwtGrantsClaim: grantsClaim } = settings;
  if (issuer === null || audience === null || jwks === null) return null;
  return createJwtVerifier({ issuer, audience, jwks, algorithms, principalClaim, grantsClaim }, clock, log);
}
