import { onAbort } from "../../async/signals.ts";
import { draining } from "../../domain/refusals/server.ts";
import type { Outbound } from "../../grpc/handlers.ts";

/** Requests of one stream that are under way at a time: while some commit, the next are checked. */
const requestsUnderWay = 16;

/**
 * Answers the requests of a stream, each with one response, in their order. It reads so far ahead that `requestsUnderWay` are not
 * answered, and no further while the client does not read; HTTP/2 then holds the sender back.
 *
 * @param answer must not reject; what it throws ends the stream
 * @param stopping ends the stream: what was read is answered, no more is read
 * @throws SitqError DRAINING; what `requests` and `answer` throw, once what was read before is answered
 */
export async function answerInOrder<Request, Response>(
  requests: AsyncIterable<Request>,
  answer: (request: Request) => Promise<Response>,
  out: Outbound<Response>,
  stopping: AbortSignal,
): Promise<void> {
  const reader = requests[Symbol.asyncIterator]();
  const underWay: Promise<unknown>[] = [];
  let last: Promise<unknown> = Promise.resolve();

  function begin(request: Request): void {
    const answered = answer(request);
    last = Promise.all([answered, last]).then(([response]) => out.send(response));
    // An answer that cannot be encoded ends the stream when its turn to be waited for has come.
    last.catch(() => undefined);
    underWay.push(last);
  }

  /** Not async, and `begin` not either: a request is garbage once it is checked, which it would not be while this waits. */
  function readNext(): Promise<boolean> {
    return reader.next().then((next) => {
      if (!next.done) begin(next.value);
      return !next.done;
    });
  }

  const release = onAbort(stopping, () => void reader.return?.());
  try {
    while (await readNext()) {
      if (underWay.length >= requestsUnderWay) await underWay.shift();
      await out.drained();
    }
  } finally {
    release();
    await last;
  }
  if (stopping.aborted) throw draining();
}
