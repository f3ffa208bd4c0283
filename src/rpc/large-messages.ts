import { peerAddress } from "../domain/access/peer-address.ts";
import { openPrincipal } from "../domain/access/principal.ts";
import type { Log } from "../domain/log.ts";
import { tooManyUnfinishedBytes } from "../domain/refusals/server.ts";
import type { LargeMessages } from "../grpc/server/large-messages.ts";
import type { SignIn } from "./calls/authorize.ts";
import { statusObjectOf } from "./calls/status.ts";
import { clientNetwork } from "./limits/client-network.ts";
import { UnfinishedBytes } from "./limits/unfinished-bytes.ts";

/** What large messages are let in by. */
export interface LargeMessageRules {
  /** The largest message that is taken. */
  readonly maxReceiveBytes: number;
  /** How many bytes of them a principal, or without authentication an address, may have unfinished. */
  readonly maxUnfinishedBytes: number;
}

/**
 * Lets large messages in by whose they are: a principal's, or those of an address where authentication is off, and for methods that
 * ask for no credentials.
 *
 * @param signIns by the paths of the methods that ask for credentials
 */
export function createLargeMessages(
  { maxReceiveBytes, maxUnfinishedBytes }: LargeMessageRules,
  signIns: ReadonlyMap<string, SignIn>,
  log: Pick<Log, "error">,
): LargeMessages {
  const most = Math.max(maxReceiveBytes, maxUnfinishedBytes);
  const unfinished = new UnfinishedBytes(most);
  const noRoom = statusObjectOf(tooManyUnfinishedBytes(most), log);
  return {
    noRoom,
    take: (owner, bytes, go) => unfinished.take(owner, bytes, go),
    async ownerOf(path, context) {
      const address = `address ${clientNetwork(peerAddress(context.peer))}`;
      try {
        const principal = (await signIns.get(path)?.(context)) ?? openPrincipal;
        return principal === openPrincipal ? address : `principal ${principal.name}`;
      } catch (error) {
        return statusObjectOf(error, log, path);
      }
    },
  };
}
