import type { Client as GrpcClient } from "@grpc/grpc-js";
import { callErrorFrom } from "./call-error.ts";
import { addressOf, type CallRoute, clientClosed, type OpenClientCall } from "./call-route.ts";

/**
 * How many calls share a connection. A peer that allows fewer makes the others wait, and a client of grpc-js does not learn what its
 * peer allows; HTTP/2 asks every peer to allow at least 100 (RFC 9113, 6.5.2), and most do. It is half of what the server allows: Node's
 * HTTP/2 counts calls that were cancelled a moment ago, and refuses what comes in their place.
 */
const callsPerChannel = 75;

/** Channels for calls that stay open, as many as they need. */
export interface ChannelPool extends CallRoute {
  /** Closes the channels at once: calls that are open fail with CLOSED. Idempotent. */
  close(): void;
}

/** A channel, and what is open on it. */
interface Lane {
  readonly channel: GrpcClient;
  readonly calls: Set<OpenClientCall>;
}

/**
 * Makes a pool that opens its first channel with its first call, and one more whenever all are full. A call takes the first channel
 * that has room, so that the later ones are without calls sooner; the server closes their connections then.
 *
 * @param open opens one more channel to the same server
 */
export function createChannelPool(open: () => GrpcClient): ChannelPool {
  const lanes: Lane[] = [];
  let isClosed = false;

  function laneWithRoom(): Lane {
    let lane = lanes.find(({ calls }) => calls.size < callsPerChannel);
    if (lane === undefined) {
      lane = { channel: open(), calls: new Set() };
      lanes.push(lane);
    }
    return lane;
  }

  return {
    begin(make) {
      if (isClosed) throw clientClosed(undefined);
      const { channel, calls } = laneWithRoom();
      const call = make(channel);
      calls.add(call);
      call.once("status", () => calls.delete(call));
      return call;
    },

    tokenVersion: null,

    failure(error) {
      const [lane] = lanes;
      if (isClosed || lane === undefined) return clientClosed(error);
      return callErrorFrom(error, addressOf(lane.channel));
    },

    hasOthers: false,

    elsewhere: () => null,

    close() {
      isClosed = true;
      for (const { channel, calls } of lanes) {
        for (const call of calls) call.cancel();
        channel.close();
      }
    },
  };
}
