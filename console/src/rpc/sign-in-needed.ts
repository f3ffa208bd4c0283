import type { Interceptor } from "@connectrpc/connect";
import { signal } from "@preact/signals";
import { type Failure, failureOf } from "./errors.ts";

/** Why the page has to sign in, or to sign in again; `null`: it does not, as far as known. */
export const signInNeeded = signal<Failure | null>(null);

/** Notices that the server refuses the page's credentials, at the beginning of a call or in the midst of a stream. */
export const noticeRefusedCredentials: Interceptor = (next) => async (request) => {
  try {
    const answer = await next(request);
    return answer.stream ? { ...answer, message: noticing(answer.message) } : answer;
  } catch (error) {
    notice(error);
    throw error;
  }
};

async function* noticing<T>(messages: AsyncIterable<T>): AsyncIterable<T> {
  try {
    yield* messages;
  } catch (error) {
    notice(error);
    throw error;
  }
}

function notice(error: unknown): void {
  const failure = failureOf(error);
  if (failure.needsSignIn) signInNeeded.value = failure;
}
