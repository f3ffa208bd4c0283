import type { Server, ServerCredentials } from "@grpc/grpc-js";
import { formatHostPort, type HostPort } from "../contract/host-port.ts";

/** The server cannot listen on the configured address; the message says why, for the operator. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

/** What operators run into, in words. */
const explanations: readonly (readonly [RegExp, string])[] = [
  [/EADDRINUSE/, "another process listens there"],
  [/EACCES/, "this user may not use that port"],
  [/EADDRNOTAVAIL/, "this machine does not have that address"],
  [/ENOTFOUND|EAI_AGAIN|Name resolution failed/, "the host name is not known"],
];

/**
 * Binds a server.
 *
 * @param listen port 0 takes a free one
 * @param trust how connections are secured
 * @returns the address with the port that was taken
 * @throws ListenError
 */
export async function bind(server: Server, listen: HostPort, trust: ServerCredentials): Promise<string> {
  const wanted = formatHostPort(listen);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync(wanted, trust, (error, port) => {
    if (error === null) resolve(port);
    else reject(error);
  });
  try {
    return formatHostPort({ host: listen.host, port: await promise });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const why = explanations.find(([pattern]) => pattern.test(text))?.[1] ?? text;
    throw new ListenError(`Cannot listen on ${wanted}: ${why}.`, { cause: error });
  }
}
