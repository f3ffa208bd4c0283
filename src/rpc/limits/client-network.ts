import { isIPv4 } from "node:net";

const mappedPrefix = /^::ffff:/i;
/** The groups of an IPv6 address that name its network: what one subscriber of a provider has at least. */
const networkGroups = 4;

/**
 * What counts as one client by its address: an IPv4 address, or the first 64 bits of an IPv6 address, since a single machine may use
 * every address below them.
 *
 * @param address as Node writes it
 * @returns `192.0.2.1` or `2001:db8:0:0::/64`; what is no address stays as it is
 */
export function clientNetwork(address: string): string {
  const plain = address.replace(mappedPrefix, "");
  if (isIPv4(plain) || !address.includes(":")) return plain;
  const [head = "", tail] = address.replace(/%.*$/, "").split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...Array<string>(Math.max(0, zeros)).fill("0"), ...after];
  return `${groups.slice(0, networkGroups).join(":")}::/64`;
}
