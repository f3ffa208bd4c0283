import { deadline } from "../../async/deadline.ts";
import { unreachable } from "./describe-failure.ts";

/** How long the server has for the first message of a stream, in milliseconds. */
const firstWordMs = 15_000;

/**
 * The messages of a server's stream. A peer that accepts the connection and never answers must not hang the command.
 *
 * @param open begins the call, which ends when the signal is aborted
 * @throws CommandFailure if no message comes in time; whatever the stream throws
 */
export async function* withFirstWord<T>(
  address: string,
  interrupted: AbortSignal,
  open: (signal: AbortSignal) => AsyncIterable<T>,
): AsyncGenerator<T, void> {
  const silence = deadline(firstWordMs, interrupted);
  try {
    for await (const message of open(silence.signal)) {
      silence.lift();
      yield message;
    }
  } catch (error) {
    throw silence.isOver ? unreachable(address, "it does not answer", error) : error;
  } finally {
    silence.release();
  }
}
