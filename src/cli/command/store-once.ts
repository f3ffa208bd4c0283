import { CallError } from "../../client/index.ts";
import { CommandFailure } from "./command-failure.ts";
import { callFailure } from "./describe-failure.ts";
import { exitCodes } from "./exit-codes.ts";

/**
 * Makes a call that stores something, once: a person who waits for its answer sees at once that the server is away. If the answer
 * was lost, the failure says how to repeat the command safely.
 *
 * @param repeatWith the option that makes a repeat safe: `--request-id 4711`
 * @throws CommandFailure if the call fails
 */
export async function storeOnce<T>(address: string, repeatWith: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    const failure = callFailure(error, address);
    if (failure.exitCode !== exitCodes.unreachable || neverSent(error)) throw failure;
    const hint = `It may have been stored. To be sure, repeat the command with ${repeatWith}`;
    throw new CommandFailure(failure.message, { exitCode: failure.exitCode, hint, cause: error });
  }
}

/** Whether there was no connection to send anything over, or the server refused to take calls. */
function neverSent({ unreached, reason }: CallError): boolean {
  return reason === "DRAINING" || unreached?.maybeSent === false;
}
