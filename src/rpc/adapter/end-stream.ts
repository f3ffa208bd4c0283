import type { ServerHttp2Stream } from "node:http2";
import { constants } from "node:http2";

/** How often to look whether the connection has taken what waits: in that many turns of the event loop, then by a timer. */
const turns = 20;
const retryMs = 100;
const retries = 50;

/**
 * Resets a stream without an error behind its trailers, as HTTP/2 has it for an answer that needs no more of the request
 * (RFC 9113, 8.1): some clients go on sending otherwise, or wait for their own end. Call it before the status is sent.
 *
 * @param after runs an action some milliseconds later
 */
export function resetAfterTrailers(
  stream: ServerHttp2Stream,
  after: (delayMs: number, action: () => void) => void,
): void {
  let left = turns + retries;
  function reset(): void {
    const { session } = stream;
    if (stream.closed || stream.destroyed || session === undefined || session.destroyed) return;
    // A reset that meets the trailers in nghttp2's queue would take them away.
    if ((session.state.outboundQueueSize ?? 0) === 0) stream.close(constants.NGHTTP2_NO_ERROR);
    else if (left-- > retries) setImmediate(reset);
    else if (left > 0) after(retryMs, reset);
  }
  // Node sends trailers in a turn of their own.
  const soon = () => setImmediate(() => setImmediate(reset));
  if (stream.headersSent) stream.once("wantTrailers", soon);
  else soon();
}
