import type { Http2Session, ServerHttp2Stream } from "node:http2";
import { constants } from "node:http2";

/** How long a client has to end its own half before the stream is reset, in milliseconds: some read the status only after that. */
const graceMs = 1_000;
/** How long to wait for frames that the connection has not taken, in milliseconds, and how often. */
const retryMs = 100;
const tries = 50;

type After = (delayMs: number, action: () => void) => () => void;

/** The streams of a connection that are to be reset as soon as it has taken the frames before. */
const due = new WeakMap<Http2Session, Set<ServerHttp2Stream>>();

/**
 * Resets a stream without an error behind its trailers, as HTTP/2 has it for an answer that needs no more of the request
 * (RFC 9113, 8.1): some clients go on sending otherwise, for as long as they have something to say. Call it before the status is
 * sent.
 *
 * @param after runs an action some milliseconds later; answers a function that calls it off
 */
export function resetAfterTrailers(stream: ServerHttp2Stream, after: After): void {
  function begin(): void {
    if (stream.closed || stream.destroyed) return;
    const callOff = after(graceMs, () => resetSoon(stream, after));
    stream.once("close", callOff);
  }
  if (stream.headersSent) stream.once("wantTrailers", begin);
  else setImmediate(begin);
}

/** All that are due at a time at once: each reset is a frame that those behind it would wait for, a hundred streams for ten seconds. */
function resetSoon(stream: ServerHttp2Stream, after: After): void {
  const { session } = stream;
  if (stream.closed || session === undefined || session.destroyed) return;
  const waiting = due.get(session);
  if (waiting !== undefined) {
    waiting.add(stream);
    return;
  }
  const streams = new Set([stream]);
  due.set(session, streams);
  resetAll(session, streams, after);
}

function resetAll(session: Http2Session, streams: ReadonlySet<ServerHttp2Stream>, after: After): void {
  let left = tries;
  let callOff: () => void = () => undefined;
  const onClose = () => callOff();
  session.once("close", onClose);
  function attempt(): void {
    if (session.destroyed) return;
    const open = [...streams].filter((stream) => !stream.closed);
    // A reset that meets the trailers in nghttp2's queue takes them away; a client that does not read them has no use for them.
    if (open.length > 0 && (session.state.outboundQueueSize ?? 0) > 0 && left-- > 0) {
      callOff = after(retryMs, attempt);
      return;
    }
    session.off("close", onClose);
    due.delete(session);
    for (const stream of open) stream.close(constants.NGHTTP2_NO_ERROR);
  }
  // Those whose grace ends in the same moment are added first.
  setImmediate(attempt);
}
