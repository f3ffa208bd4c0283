import { Code, ConnectError } from "@connectrpc/connect";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "../../../gen/google/rpc/error_details_pb.js";

/** A refusal or failure of a call, as the page shows it. */
export interface Failure {
  /** It in one sentence. */
  readonly message: string;
  /** The contract's reason: `TASK_FINISHED`. Empty: the call did not reach the server. */
  readonly reason: string;
  /** Whether the caller has to sign in, or sign in again. */
  readonly needsSignIn: boolean;
  /** Whether the same call can succeed later without a change by the caller. */
  readonly isPassing: boolean;
}

const passing: ReadonlySet<Code> = new Set([
  Code.Unavailable,
  Code.DeadlineExceeded,
  Code.ResourceExhausted,
  Code.Aborted,
  Code.Internal,
  Code.Unknown,
]);

/** Reads what a call rejected with. */
export function failureOf(error: unknown): Failure {
  const connectError = ConnectError.from(error);
  const { code, rawMessage, cause } = connectError;
  const [info] = connectError.findDetails(ErrorInfoSchema);
  return {
    // What the browser rejects a fetch with, and the reading of an answer that breaks off; its text differs from browser to browser.
    message: cause instanceof TypeError ? "The server cannot be reached." : sentence(rawMessage),
    reason: info?.reason ?? "",
    needsSignIn: code === Code.Unauthenticated,
    isPassing: passing.has(code),
  };
}

/** What is wrong with the fields of a request, by their paths: `queue.max_running`. Empty: the call was not refused for its fields. */
export function violationsOf(error: unknown): ReadonlyMap<string, string> {
  const [request] = ConnectError.from(error).findDetails(BadRequestSchema);
  return new Map(request?.fieldViolations.map(({ field, description }) => [field, sentence(description)]));
}

/** In how many milliseconds the server asks to repeat a call; `null`: it says nothing. */
export function retryAfterMs(error: unknown): number | null {
  const [retry] = ConnectError.from(error).findDetails(RetryInfoSchema);
  const delay = retry?.retryDelay;
  return delay === undefined ? null : Number(delay.seconds) * 1_000 + delay.nanos / 1e6;
}

/** A text with an upper-case beginning and a full stop. */
function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === "") return "The call failed.";
  // A path of a field, such as task.queue, keeps its letters.
  const begun = /^\w+[._]\w/.test(trimmed) ? trimmed : trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
