import { ReleaseError, RetryLaterError, TerminalError } from "../errors/errors.ts";
import type { Attempt } from "./attempt.ts";
import { type AttemptOutcome, completed, failedForGood, outcomeOfThrown, released } from "./attempt-outcome.ts";
import type { HandlerEntry } from "./handlers.ts";

/** Called with how an attempt ended, and what its handler threw, if it did. */
export type AttemptEnded = (attempt: Attempt, outcome: AttemptOutcome, thrown: unknown) => void;

/**
 * Calls a handler with the payload of an attempt, and `ended` with the outcome, once; it never throws. A handler that answers
 * at once costs neither a turn of the microtask queue nor a function.
 */
export function runAttempt(attempt: Attempt, { definition, handler }: HandlerEntry, ended: AttemptEnded): void {
  let answer: unknown;
  try {
    // `handle` has paired the two: what is decoded is what the handler takes.
    answer = handler(definition.input.decode(attempt.takePayload()) as never, attempt);
  } catch (thrown) {
    ended(attempt, outcomeOfFailure(attempt, thrown), thrown);
    return;
  }
  if (isThenable(answer)) awaitAnswer(answer, attempt, definition, ended);
  else ended(attempt, outcomeOfResult(attempt, definition, answer), undefined);
}

function awaitAnswer(
  answer: PromiseLike<unknown>,
  attempt: Attempt,
  definition: HandlerEntry["definition"],
  ended: AttemptEnded,
): void {
  answer.then(
    (result) => ended(attempt, outcomeOfResult(attempt, definition, result), undefined),
    (thrown) => ended(attempt, outcomeOfFailure(attempt, thrown), thrown),
  );
}

function outcomeOfResult(attempt: Attempt, definition: HandlerEntry["definition"], result: unknown): AttemptOutcome {
  try {
    return completed(definition.result.encode(result as never), attempt.span?.stepTraceparent ?? "");
  } catch (error) {
    const text = `The handler's result does not fit: ${error instanceof Error ? error.message : error}`;
    return failedForGood(text, "INVALID_RESULT");
  }
}

/** A handler that was aborted and throws has not failed: its task is released, unless the error says otherwise. */
function outcomeOfFailure(attempt: Attempt, thrown: unknown): AttemptOutcome {
  const isDeliberate =
    thrown instanceof TerminalError || thrown instanceof RetryLaterError || thrown instanceof ReleaseError;
  return attempt.aborted !== null && !isDeliberate ? released(null) : outcomeOfThrown(thrown);
}

function isThenable(answer: unknown): answer is PromiseLike<unknown> {
  return typeof answer === "object" && answer !== null && "then" in answer && typeof answer.then === "function";
}
