import { BlockList, isIP, isIPv4, isIPv6 } from "node:net";

/** Where something listens or can be called. */
export interface HostPort {
  /** A name, an IPv4 address, or an IPv6 address without its brackets. */
  readonly host: string;
  /** 0 to 65535; 0, where something is to listen: the system chooses a free one. */
  readonly port: number;
}

const shape = /^(?:\[(?<ipv6>[^\]]+)\]|(?<host>[^:[\]]+)):(?<port>\d{1,5})$/;
/** Names that containers give each other may hold underscores, which names of the Internet may not; an absolute name ends with a dot. */
const hostName = /^(?!.{255})[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/i;
const onlyNumbers = /^[\d.]+$/;

/** Reads `HOST:PORT`, an IPv6 host in brackets; `undefined` if it is nothing of the sort. */
export function parseHostPort(text: string): HostPort | undefined {
  const { ipv6, host, port: digits } = shape.exec(text)?.groups ?? {};
  const port = Number(digits);
  if (!(port <= 65_535)) return undefined;
  if (ipv6 !== undefined) return isIPv6(ipv6) ? { host: ipv6, port } : undefined;
  if (host === undefined) return undefined;
  // 127.0.1 and 300.0.0.1 are not meant as names.
  const isValid = onlyNumbers.test(host) ? isIPv4(host) : hostName.test(host);
  return isValid ? { host, port } : undefined;
}

/** Writes an address as `parseHostPort` reads it. */
export function formatHostPort({ host, port }: HostPort): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/**
 * Whether only this machine can reach the address. Of names only `localhost` and what is below it (RFC 6761) is known to be
 * so: every other one is what a name server says at the time.
 */
export function isLoopback({ host }: HostPort): boolean {
  if (isIP(host) === 0) return /^(.+\.)?localhost$/i.test(host);
  return loopback.check(host, isIPv6(host) ? "ipv6" : "ipv4");
}

const everywhere = new BlockList();
everywhere.addAddress("0.0.0.0", "ipv4");
everywhere.addAddress("::", "ipv6");

/** Whether it stands for all addresses of a machine: a server listens there, and no client can call it. */
export function isEverywhere({ host }: HostPort): boolean {
  return isIP(host) !== 0 && everywhere.check(host, isIPv6(host) ? "ipv6" : "ipv4");
}

/** Schemes of names that gRPC resolves by itself, or by a resolver that this process has registered. */
const scheme = /^(?:(dns|ipv[46]|unix|unix-abstract):|([a-z][a-z0-9+.-]*):\/\/\/)/i;
/** Those behind which several addresses may stand. */
const schemesOfLists: readonly string[] = ["ipv4", "ipv6"];

/**
 * The addresses in a text: of one server, or of several that share their data, separated by commas. Behind `ipv4:` and `ipv6:` the scheme
 * need not be repeated.
 */
export function callAddresses(text: string): readonly string[] {
  const parts = text.split(",");
  const first = schemeOf(text);
  if (!schemesOfLists.includes(first)) return parts;
  return parts.map((part) => (schemeOf(part) === "" ? `${first}:${part}` : part));
}

/**
 * What is wrong with the address of a server that is to be called: `host:port`, or a name with a scheme that gRPC resolves, such as
 * `unix:/run/sitq.sock`; or with those of several, separated by commas. `undefined`: nothing.
 */
export function callAddressProblem(text: string): string | undefined {
  const addresses = callAddresses(text);
  const [first = ""] = addresses;
  for (const [index, address] of addresses.entries()) {
    const here = addresses.length === 1 ? "" : `${JSON.stringify(address)}: `;
    if (address === "" && addresses.length > 1) return `there is no address at place ${index + 1}`;
    const problem = problemOf(address);
    if (problem !== undefined) return `${here}${problem}`;
    if (addresses.indexOf(address) !== index) return `${here}given twice`;
    if (schemeOf(address) !== schemeOf(first)) return `${here}give all addresses with the same scheme, or all without`;
  }
  return undefined;
}

function problemOf(address: string): string | undefined {
  const [, web] = /^(https?|grpcs?):\/\//i.exec(address) ?? [];
  if (web !== undefined) return `leave out ${web}://`;
  if (schemeOf(address) !== "") return undefined;
  const isValid = (parseHostPort(address)?.port ?? 0) > 0;
  return isValid ? undefined : "expected HOST:PORT, such as 127.0.0.1:50051, an IPv6 host in brackets";
}

function schemeOf(text: string): string {
  const [, own, registered] = scheme.exec(text) ?? [];
  return (own ?? registered ?? "").toLowerCase();
}
