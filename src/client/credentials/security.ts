import { callAddresses, isLoopback, parseHostPort } from "../../contract/host-port.ts";
import type { RenewedToken } from "../../grpc/client/call-route.ts";
import type { ConnectionSecurity } from "../../grpc/client/connection-security.ts";
import { invalid } from "../../grpc/client/invalid.ts";
import { BearerToken, type TokenProvider } from "./bearer-token.ts";
import { type TlsOptions, tlsContexts } from "./tls.ts";
import { tokenFile } from "./token-file.ts";

/** How a client is secured, and who it is. */
export interface SecurityOptions {
  /**
   * Encrypts: `true` trusts the authorities that Node trusts. Default: as `SITQ_TLS_CA`, `SITQ_TLS_CLIENT_CERT`, `SITQ_TLS_CLIENT_KEY`,
   * `SITQ_TLS_SERVER_NAME` and `SITQ_TLS=true` of the environment say; plaintext where none is set.
   */
  readonly tls?: boolean | TlsOptions | undefined;
  /** The token that each call carries, or what provides it. Default: `SITQ_TOKEN`, or the file `SITQ_TOKEN_FILE`; none. */
  readonly token?: string | TokenProvider | undefined;
  /** The file of the token, in place of `token`; it may be replaced at any time. */
  readonly tokenFile?: string | undefined;
  /** Sends the token in clear text to another machine too. Default: that is refused. */
  readonly insecure?: boolean | undefined;
}

/** What a client's connections are made with. */
export interface Security {
  readonly connection: ConnectionSecurity;
  /** The token, if it is replaced when the server refuses it. */
  readonly renewed: RenewedToken | null;
}

/** The variables that are looked at. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The security that options and the environment mean.
 *
 * @param address where the token is sent: to one server or several
 * @param warn called with what is odd and does not stop it
 * @throws CallError INVALID_ARGUMENT of what is not usable
 */
export function securityOf(
  options: SecurityOptions,
  address: string,
  environment: Environment,
  warn: (text: string) => void,
): Security {
  const tls = options.tls ?? tlsOf(environment);
  const token = tokenOf(options, environment, warn);
  if (tls === false && token !== null && options.insecure !== true && !staysHere(address)) {
    const text = `a token is not sent to ${address} in clear text; set tls, or insecure on a network that you trust`;
    throw invalid("token", text);
  }
  const { serverName = "" } = typeof tls === "object" ? tls : {};
  const contexts = (given: TlsOptions) =>
    tlsContexts(given, (text) => warn(`going on with the last certificates: ${text}`));
  const connection: ConnectionSecurity = {
    ...(tls !== false && { tls: contexts(tls === true ? {} : tls) }),
    ...(serverName !== "" && { serverName }),
    ...(token !== null && { callCredentials: token }),
  };
  return { connection, renewed: token?.isRenewed ? token : null };
}

function tokenOf(options: SecurityOptions, environment: Environment, warn: (text: string) => void): BearerToken | null {
  const isGiven = options.token !== undefined || options.tokenFile !== undefined;
  const { SITQ_TOKEN: text, SITQ_TOKEN_FILE: path } = environment;
  const { token, tokenFile: file } = isGiven ? options : { token: text || undefined, tokenFile: path || undefined };
  if (token !== undefined && file !== undefined) {
    throw invalid(
      "token",
      isGiven ? "given twice: as token and as tokenFile" : "both SITQ_TOKEN and SITQ_TOKEN_FILE are set",
    );
  }
  if (token !== undefined) return new BearerToken(token);
  return file === undefined ? null : new BearerToken(tokenFile(file, warn));
}

function tlsOf(environment: Environment): boolean | TlsOptions {
  const {
    SITQ_TLS: isOn,
    SITQ_TLS_CA: caFile,
    SITQ_TLS_CLIENT_CERT: certFile,
    SITQ_TLS_CLIENT_KEY: keyFile,
  } = environment;
  const serverName = environment.SITQ_TLS_SERVER_NAME;
  const files: TlsOptions = {
    ...(caFile && { caFile }),
    ...(certFile && { certFile }),
    ...(keyFile && { keyFile }),
    ...(serverName && { serverName }),
  };
  if (isOn && isOn !== "true" && isOn !== "false") throw invalid("tls", `SITQ_TLS is true or false, not ${isOn}`);
  if (isOn === "false") return false;
  return Object.keys(files).length > 0 ? files : isOn === "true";
}

/** Whether what is sent to an address, or to several, stays on this machine. */
function staysHere(text: string): boolean {
  return callAddresses(text).every(isHere);
}

function isHere(address: string): boolean {
  if (address.startsWith("unix")) return true;
  const place = parseHostPort(address.replace(/^(?:dns|ipv4|ipv6):(?:\/\/[^/]*\/)?/, ""));
  return place !== undefined && isLoopback(place);
}
