import { formatDuration } from "../../contract/duration.ts";
import type { CallError } from "../../grpc/client/call-error.ts";
import type { ServerChoice } from "../servers/server-choice.ts";
import type { ClientLog } from "./client-log.ts";
import { isAway } from "./is-retryable.ts";

/**
 * Says that the server is out of reach: one line when an outage begins and one when the server answers again, however many
 * parts of a client try, and however often.
 */
export interface Outages {
  /**
   * Follows the tries of one part.
   *
   * @param what for a try that the server refuses and that is made again: `the worker orders-1`
   * @param log where it is said. Default: the client's
   */
  follow(what: string, log?: ClientLog): Tries;
}

/** The tries of one part of a client. */
export interface Tries {
  /** A try begins. */
  begin(): void;
  /** The try had no answer or was refused, and is made again. A stream that breaks after an answer is no failed try. */
  failed(error: CallError): void;
  /** The server answered. */
  reached(): void;
  /** Whether the next try is made without a delay: at another server than the one before, which was not left a moment ago. */
  isElsewhere(): boolean;
}

/**
 * How long after an outage failures are still counted to it, in milliseconds: a connection whose last try failed waits for up
 * to 6 s before the next one, and its calls fail meanwhile, though another connection is up again.
 */
const settleMs = 6_000;

/**
 * Creates a record without outages.
 *
 * @param address the server's, or those of several
 * @param choice which of them is called; of one there is none
 */
export function createOutages(address: string, clientLog: ClientLog, choice: ServerChoice | null = null): Outages {
  let outage: { readonly sinceMs: number; readonly log: ClientLog } | null = null;
  let answers = 0;
  let settledMs = Number.NEGATIVE_INFINITY;

  function ended(): void {
    answers++;
    if (outage === null) return;
    const { sinceMs, log } = outage;
    const downMs = Math.round(performance.now() - sinceMs);
    outage = null;
    settledMs = performance.now() + settleMs;
    log.warn(
      { address, down_ms: downMs },
      `reached ${address} again after ${formatDuration(Math.max(Math.ceil(downMs / 100), 1) * 100)}`,
    );
  }

  return {
    follow(what, log = clientLog) {
      let answersAtBegin = answers;
      let stayAtBegin = choice?.current;
      let refusal: string | null = null;
      const isElsewhere = () => choice !== null && choice.current !== stayAtBegin && choice.isFresh;
      return {
        begin() {
          answersAtBegin = answers;
          stayAtBegin = choice?.current;
        },
        failed(error) {
          // As often as tokens expire: no news.
          if (error.renewsToken) return;
          if (!isAway(error)) {
            const text = error.reason === null ? error.message : `${error.message} (${error.reason})`;
            if (refusal !== text) log.warn({ address, error }, `${what}: refused, trying again: ${text}`);
            refusal = text;
            return;
          }
          // It is not out of reach as long as another server may answer.
          if (isElsewhere()) return;
          // An answer to another part that came after the beginning is the newer word.
          if (outage !== null || answers !== answersAtBegin || performance.now() < settledMs) return;
          outage = { sinceMs: performance.now(), log };
          const { unreached, reason } = error;
          // It was reached: it says itself that it cannot serve.
          const trouble = unreached === null && reason !== null ? "no service at" : "cannot reach";
          log.warn({ address, error }, `${trouble} ${address}, trying again: ${unreached?.why ?? error.message}`);
        },
        reached() {
          refusal = null;
          ended();
        },
        isElsewhere,
      };
    },
  };
}
