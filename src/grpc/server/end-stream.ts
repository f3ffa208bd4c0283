import type { ServerHttp2Stream } from "node:http2";
import { constants } from "node:http2";

/** How long a client has to end its own half before the stream is reset, in milliseconds: some read the status only after that. */
const graceMs = 1_000;
/** How long to wait for frames that the connection has not taken, in milliseconds, and how often. */
const retryMs = 100;
const tries = 50;

/**
 * Resets a stream without an error behind its trailers, as HTTP/2 has it for an answer that needs no more of the request
 * (RFC 9113, 8.1): some clients go on sending otherwise, for as long as they have something to say. Call it before the status is
 * sent.
 *
 * @param after runs an action some milliseconds later; answers a function that calls it off
 */
export function resetAfterTrailers(
  stream: ServerHttp2Stream,
  after: (delayMs: number, action: () => void) => () => void,
): void {
  let left = tries;
  let callOff: () => void = () => undefined;
  function reset(): void {
    const { session } = stream;
    if (stream.closed || stream.destroyed || session === undefined || session.destroyed) return;
    // A reset that meets the trailers in nghttp2's queue would take them away.
    if ((session.state.outboundQueueSize ?? 0) === 0) stream.close(constants.NGHTTP2_NO_ERROR);
    else if (left-- > 0) callOff = after(retryMs, reset);
  }
  function begin(): void {
    if (stream.closed || stream.destroyed) return;
    callOff = after(graceMs, reset);
    stream.once("close", () => callOff());
  }
  if (stream.headersSent) stream.once("wantTrailers", begin);
  else setImmediate(begin);
}
