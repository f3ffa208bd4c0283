import { isIP } from "node:net";
import { type Command, InvalidArgumentError } from "commander";
import { parseHostPort } from "../../contract/host-port.ts";
import { wholeNumber } from "../input/numbers.ts";
import type { CertificateContent } from "./certificates.ts";

/** When a certificate is valid. */
export type Times = Pick<CertificateContent, "notBefore" | "notAfter">;

const dayMs = 86_400_000;
/** Certificates begin before they are made: the clocks of other machines may be behind. */
const earlyMs = 3_600_000;

/** What every server's certificate is for. */
const localHosts = ["localhost", "127.0.0.1", "::1"];

/** Adds the options of a server's names and of the time. */
export function withLeafOptions(command: Command): Command {
  return command
    .option("--host <name>", "another name or address of the server; repeatable", collectHost)
    .option("--days <number>", "how long the certificates are valid", wholeNumber(1, 3_650), 365);
}

/** From now on, for some days. */
export function timesOf(days: number): Times {
  return { notBefore: new Date(Date.now() - earlyMs), notAfter: new Date(Date.now() + days * dayMs) };
}

/** All names of a server that has these too. */
export function hostsOf(given: readonly string[] = []): string[] {
  return [...new Set([...localHosts, ...given])];
}

/** What the certificate of a server says. */
export function serverContent(hosts: readonly string[], times: Times): CertificateContent {
  const altNames = hosts.map((value) => ({ type: isIP(value) === 0 ? ("dns" as const) : ("ip" as const), value }));
  return { commonName: "sitq server", ...times, altNames, usages: ["server", "client"] };
}

/** The URI of a client, which a principal is given. */
export function clientUri(name: string): string {
  return `spiffe://sitq.local/${name}`;
}

/** What the certificate of a client says. */
export function clientContent(name: string, times: Times): CertificateContent {
  return { commonName: name, ...times, altNames: [{ type: "url", value: clientUri(name) }], usages: ["client"] };
}

/** Reads one more host: a name, of which the first part may be `*`, or an IP address. */
function collectHost(text: string, collected: readonly string[] = []): string[] {
  const isGood = isIP(text) !== 0 || parseHostPort(`${text.replace(/^\*\./, "")}:1`) !== undefined;
  if (!isGood) throw new InvalidArgumentError("Expected a host name or an IP address, without a port.");
  return [...collected, text];
}

/** Reads the name of a client. */
export function parseClient(text: string): string {
  if (/^[a-z0-9][a-z0-9._-]{0,62}$/.test(text)) return text;
  throw new InvalidArgumentError("Expected lower case letters, digits, dots, hyphens and underscores.");
}
