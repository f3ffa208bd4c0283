import { BlockList, isIPv4, SocketAddress } from "node:net";

/** Addresses that are not of one machine: none, all, many. */
const ofNoMachine = new BlockList();
ofNoMachine.addSubnet("0.0.0.0", 8, "ipv4");
ofNoMachine.addSubnet("224.0.0.0", 4, "ipv4");
ofNoMachine.addAddress("255.255.255.255", "ipv4");
ofNoMachine.addAddress("::", "ipv6");
ofNoMachine.addSubnet("ff00::", 8, "ipv6");

const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/;

/**
 * An IP address as all clients of xDS take it: in its shortest form, so that equal ones look equal, and an IPv4 address within IPv6
 * (`::ffff:10.0.0.1`) as IPv4.
 *
 * @param text an IPv4 or IPv6 address
 * @returns the address, or why clients cannot call it
 */
export function callableIp(text: string): { readonly ip: string } | { readonly problem: string } {
  if (text.includes("%")) return { problem: `${text} has a zone, which other machines do not know` };
  const shortest = isIPv4(text) ? text : new SocketAddress({ address: text, family: "ipv6" }).address;
  const ip = mapped.exec(shortest)?.[1] ?? shortest;
  if (ofNoMachine.check(ip, isIPv4(ip) ? "ipv4" : "ipv6")) return { problem: `${text} is the address of no machine` };
  return { ip };
}
