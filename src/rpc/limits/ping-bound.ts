import { constants, type ServerHttp2Session } from "node:http2";
import type { Server } from "node:net";
import { TokenBucket } from "../../collections/token-bucket.ts";
import { quietReport, type Reporting } from "./quiet-report.ts";

/** How many pings a connection may send. */
export interface PingBounds {
  /** Pings and SETTINGS in a minute in which the server sends no message over the connection. */
  readonly maxIdlePings: number;
}

/** What gRPC writes into such a GOAWAY: its clients then ping less often. */
const tooManyPings = Buffer.from("too_many_pings");

/**
 * Closes connections that send pings and SETTINGS without end, each of which has to be answered. A message that the server sends
 * gives a connection its whole allowance again, since clients of gRPC measure their line with a ping for what they receive.
 *
 * @param sentOn how many messages the server has sent over a connection
 */
export function boundPings(
  listeners: readonly Server[],
  { maxIdlePings }: PingBounds,
  sentOn: (session: ServerHttp2Session) => number,
  reporting: Reporting,
): void {
  const report = quietReport(reporting);

  function watch(session: ServerHttp2Session): void {
    let bucket = new TokenBucket(reporting.clock, maxIdlePings);
    let sent = 0;
    function count(): void {
      if (session.destroyed) return;
      const sentNow = sentOn(session);
      if (sentNow !== sent) bucket = new TokenBucket(reporting.clock, maxIdlePings);
      sent = sentNow;
      if (bucket.take()) return;
      report(
        { pings: maxIdlePings, peer: session.socket.remoteAddress },
        "closing a connection: it is at max-idle-pings",
      );
      session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, undefined, tooManyPings);
      session.destroy(new Error("too many pings"), constants.NGHTTP2_ENHANCE_YOUR_CALM);
    }
    session.on("ping", count);
    session.on("remoteSettings", count);
  }

  for (const listener of listeners) listener.on("session", watch);
}
