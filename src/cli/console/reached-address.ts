import { connect } from "node:net";
import { parseHostPort } from "../../contract/host-port.ts";

/** How long a server has to take a connection, in milliseconds. */
const reachMs = 2_000;

/** The first of several addresses, in their order, that takes a connection; the first one if none does, or if it is the only one. */
export async function reachedAddress(addresses: readonly [string, ...string[]]): Promise<string> {
  if (addresses.length === 1) return addresses[0];
  const reached = await Promise.all(addresses.map(isReached));
  return addresses[reached.indexOf(true)] ?? addresses[0];
}

async function isReached(address: string): Promise<boolean> {
  const place = parseHostPort(address);
  if (place === undefined) return false;
  const socket = connect(place);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.setTimeout(reachMs, () => resolve(false));
  socket.once("connect", () => resolve(true));
  socket.once("error", () => resolve(false));
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}
