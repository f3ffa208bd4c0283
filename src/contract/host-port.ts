import { BlockList, isIP, isIPv4, isIPv6 } from "node:net";

/** Where the server listens. */
export interface ListenAddress {
  /** A name, an IPv4 address, or an IPv6 address without its brackets. */
  readonly host: string;
  /** 0 to 65535; 0: the system chooses a free one. */
  readonly port: number;
}

const shape = /^(?:\[(?<ipv6>[^\]]+)\]|(?<host>[^:[\]]+)):(?<port>\d{1,5})$/;
const hostName = /^(?!.{254})[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;
const onlyNumbers = /^[\d.]+$/;

/** Reads `HOST:PORT`, an IPv6 host in brackets; `undefined` if it is nothing of the sort. */
export function parseAddress(text: string): ListenAddress | undefined {
  const { ipv6, host, port: digits } = shape.exec(text)?.groups ?? {};
  const port = Number(digits);
  if (!(port <= 65_535)) return undefined;
  if (ipv6 !== undefined) return isIPv6(ipv6) ? { host: ipv6, port } : undefined;
  if (host === undefined) return undefined;
  // 127.0.1 and 300.0.0.1 are not names that somebody meant.
  const isValid = onlyNumbers.test(host) ? isIPv4(host) : hostName.test(host);
  return isValid ? { host, port } : undefined;
}

/** Writes an address as `parseAddress` reads it. */
export function formatAddress({ host, port }: ListenAddress): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/**
 * Whether only this machine can reach the address. Of names only `localhost` and what is below it (RFC 6761) is known to be
 * so: every other one is what a name server says at the time.
 */
export function isLoopback({ host }: ListenAddress): boolean {
  if (isIP(host) === 0) return /^(.+\.)?localhost$/i.test(host);
  return loopback.check(host, isIPv6(host) ? "ipv6" : "ipv4");
}
