import { OutcomeSchema } from "../../../gen/sitq/v1/worker_service_pb.js";
import { limits } from "../../contract/limits.ts";
import { type EncodedItem, encodeItem } from "../connection/encoded-items.ts";
import { type AttemptOutcome, failedForGood } from "./attempt-outcome.ts";

/** An outcome that can travel, and its encoding. */
export interface FittedOutcome {
  readonly outcome: AttemptOutcome;
  readonly item: EncodedItem;
}

/** Encodes an outcome. What cannot travel becomes a terminal failure: the same result would come of every other attempt. */
export function fitOutcome(taskId: string, attempt: number, outcome: AttemptOutcome): FittedOutcome {
  try {
    const item = encodeItem(OutcomeSchema, { taskId, attempt, outcome });
    if (item.length <= limits.messageBytes) return { outcome, item };
    const text = `The result has ${item.length} bytes encoded; at most ${limits.messageBytes} can be sent.`;
    return failed(taskId, attempt, text, "PAYLOAD_TOO_LARGE");
  } catch (error) {
    const text = `The result cannot be encoded: ${error instanceof Error ? error.message : error}`;
    return failed(taskId, attempt, text, "INVALID_RESULT");
  }
}

function failed(taskId: string, attempt: number, text: string, type: string): FittedOutcome {
  const outcome = failedForGood(text, type);
  return { outcome, item: encodeItem(OutcomeSchema, { taskId, attempt, outcome }) };
}
