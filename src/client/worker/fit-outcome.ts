import { OutcomeSchema } from "../../../gen/sitq/v1/worker_service_pb.js";
import { limits } from "../../contract/limits.ts";
import { codecOf } from "../../grpc/message-codec.ts";
import { type EncodedItem, encodeItem } from "../connection/encoded-items.ts";
import { type AttemptOutcome, failedForGood } from "./attempt-outcome.ts";

const { blank: blankOutcome } = codecOf(OutcomeSchema);

/** An outcome that can travel, and its encoding. */
export interface FittedOutcome {
  readonly outcome: AttemptOutcome;
  readonly item: EncodedItem;
}

/** Encodes an outcome. What cannot travel becomes a terminal failure: the same result would come of every other attempt. */
export function fitOutcome(taskId: string, attempt: number, outcome: AttemptOutcome): FittedOutcome {
  const fitted = (fitting: AttemptOutcome) => ({ outcome: fitting, item: encode(taskId, attempt, fitting) });
  try {
    const whole = fitted(outcome);
    if (whole.item.length <= limits.messageBytes) return whole;
    const text = `The result has ${whole.item.length} bytes encoded; at most ${limits.messageBytes} can be sent.`;
    return fitted(failedForGood(text, "PAYLOAD_TOO_LARGE"));
  } catch (error) {
    const text = `The result cannot be encoded: ${error instanceof Error ? error.message : error}`;
    return fitted(failedForGood(text, "INVALID_RESULT"));
  }
}

function encode(taskId: string, attempt: number, outcome: AttemptOutcome): EncodedItem {
  const message = blankOutcome();
  message.taskId = taskId;
  message.attempt = attempt;
  message.outcome = outcome;
  return encodeItem(OutcomeSchema, message);
}
