import { machineMs } from "../measure/delays.ts";
import { payloadBytes } from "../payload.ts";

/** What a task carries: text, since some of the systems store JSON. The same each time, one byte a character. */
export const textPayload: string = Array.from({ length: payloadBytes }, (_, index) =>
  String.fromCharCode(97 + (index % 26)),
).join("");

/** A payload of the same size that begins with the time. */
export function timedText(): string {
  return `${machineMs()} ${textPayload}`.slice(0, payloadBytes);
}

/** How old a payload with a time is, in milliseconds. */
export function ageOf(payload: string): number {
  return machineMs() - Number.parseFloat(payload);
}
