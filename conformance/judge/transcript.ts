import { inspect } from "node:util";
import { type DescMessage, isMessage, type Message, toJson } from "@bufbuild/protobuf";

/** How much of one message is shown, in characters. */
const shownLength = 400;

/** What was sent and received, in order, as a person reads it. */
export class Transcript {
  readonly lines: string[] = [];
  readonly #beganMs = performance.now();

  /** Adds a line. @param who `stream 2 ▶ worker`, `program` */
  note(who: string, text: string): void {
    const seconds = ((performance.now() - this.#beganMs) / 1_000).toFixed(3);
    this.lines.push(`${seconds.padStart(8)}  ${who.padEnd(20)} ${text}`);
  }
}

/** A message in one line: `tasks {"tasks":[…]}`. */
export function messageText(schema: DescMessage, message: Message): string {
  return cut(isMessage(message, schema) ? jsonText(schema, message) : inspect(message));
}

/** A text that is not too long for a line. */
export function cut(text: string): string {
  return text.length <= shownLength ? text : `${text.slice(0, shownLength)}… (${text.length} characters)`;
}

function jsonText(schema: DescMessage, message: Message): string {
  try {
    return JSON.stringify(toJson(schema, message, { enumAsInteger: false }));
  } catch {
    // A packed message of a type that is not known here.
    return inspect(message, { depth: 8, breakLength: Number.POSITIVE_INFINITY });
  }
}
