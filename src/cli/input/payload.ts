import { InexactNumberError, parseJson } from "../../contract/json-text.ts";
import { wrongUsage } from "../command/command-failure.ts";
import { printable } from "../terminal/printable.ts";
import type { Shell } from "../terminal/shell.ts";
import { openSource, readSource } from "./read-source.ts";

/** How a payload is read from its bytes: as JSON, as one text, or as they are. */
export type PayloadForm = "json" | "text" | "binary";

/** The options of commands that take payloads. */
export interface PayloadOptions {
  readonly text?: boolean;
  readonly binary?: boolean;
}

/** The form that the options ask for. Default JSON. */
export function payloadForm({ text = false, binary = false }: PayloadOptions): PayloadForm {
  if (text) return "text";
  return binary ? "binary" : "json";
}

/**
 * Reads a payload.
 *
 * @param what names it in complaints: `the payload`, `line 7`
 * @returns a JSON value, a text, or bytes
 * @throws CommandFailure if it is not of that form
 */
export function parsePayload(content: Uint8Array, form: PayloadForm, what: string): unknown {
  if (form === "binary") return content;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: form === "text" }).decode(content);
  } catch (cause) {
    throw wrongUsage(`${what} is not UTF-8 text`, { hint: "For bytes use --binary.", cause });
  }
  if (form === "text") return text;
  try {
    return parseJson(text);
  } catch (cause) {
    if (cause instanceof InexactNumberError) {
      const hint = `Quote it: "${cause.digits.slice(0, 40)}". Ids belong in strings.`;
      throw wrongUsage(`${what} has a number that would be changed: ${printable(cause.message.slice(0, 500))}`, {
        hint,
        cause,
      });
    }
    const why = cause instanceof Error ? cause.message : String(cause);
    const hint = "For text use --text; quote JSON for the shell: '{\"order\": 7}'.";
    throw wrongUsage(`${what} is not JSON: ${printable(why)}`, { hint, cause });
  }
}

/**
 * Reads the payload that an argument names: `-` is standard input, `@file` a file; anything else is the payload itself.
 *
 * @throws CommandFailure if it cannot be read, or is no JSON where it has to be
 */
export async function readPayload(argument: string, options: PayloadOptions, shell: Shell): Promise<unknown> {
  const source = await openSource(argument, shell);
  const content = source === null ? Buffer.from(argument) : await readSource(source);
  return parsePayload(content, payloadForm(options), "the payload");
}
