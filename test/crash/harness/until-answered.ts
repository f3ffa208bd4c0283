import { setTimeout as pause } from "node:timers/promises";
import { status as statusCode } from "@grpc/grpc-js";
import { type CallError, callErrorFrom } from "../../../src/grpc/client/call-error.ts";
import type { History } from "./history.ts";

/** What a call that has no answer ends with: nobody knows whether it took effect. */
const withoutAnswer = new Set<number>([statusCode.UNAVAILABLE, statusCode.DEADLINE_EXCEEDED]);

/**
 * Makes a call again and again until it is answered.
 *
 * @param onTry called before each try
 * @returns the answer, or the refusal
 */
export async function untilAnswered<T>(
  history: History,
  call: () => Promise<T>,
  onTry: () => void = () => undefined,
): Promise<{ readonly answer: T } | { readonly refusal: CallError }> {
  for (;;) {
    onTry();
    try {
      return { answer: await call() };
    } catch (thrown) {
      const error = callErrorFrom(thrown);
      if (!noteUnanswered(history, error)) return { refusal: error };
      await pause(10 + Math.random() * 50);
    }
  }
}

/** Makes a call until it is answered. @throws the refusal */
export async function answerOf<T>(history: History, call: () => Promise<T>): Promise<T> {
  const outcome = await untilAnswered(history, call);
  if ("refusal" in outcome) throw outcome.refusal;
  return outcome.answer;
}

/** Counts a call that has no answer; false: it has one, a refusal. */
export function noteUnanswered(history: History, { code, codeName }: CallError): boolean {
  if (!withoutAnswer.has(code)) return false;
  history.unanswered.set(codeName, (history.unanswered.get(codeName) ?? 0) + 1);
  return true;
}
