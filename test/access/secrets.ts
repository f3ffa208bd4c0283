/** Looks for secrets in output, in each form that a program may give them. */

/** Secrets, by what they are. */
export type Secrets = Readonly<Record<string, string>>;

/** Which secrets an output holds, and in which form: `payload as hex`. */
export function leaksIn(output: string | Uint8Array, secrets: Secrets): string[] {
  const text = byteText(output);
  const lower = text.toLowerCase();
  return Object.entries(secrets).flatMap(([name, secret]) =>
    Object.entries(formsOf(secret))
      .filter(([, spellings]) => spellings.some((each) => text.includes(each) || lower.includes(each)))
      .map(([form]) => `${name} as ${form}`),
  );
}

/** How a text looks to whoever reads it: each form with its spellings; those without letter case are in lower case. */
export function formsOf(text: string): Readonly<Record<string, readonly string[]>> {
  const bytes = Buffer.from(text);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0"));
  const base64 = [0, 1, 2].map((before) => base64Within(bytes, before));
  return {
    "itself, escaped by JSON or in percent": [
      byteText(text),
      byteText(JSON.stringify(text).slice(1, -1)),
      encodeURIComponent(text),
    ],
    base64: [...base64, ...base64.map((each) => each.replaceAll("+", "-").replaceAll("/", "_"))],
    hex: [hex.join(""), hex.join(" "), hex.join(":")],
    "percent-encoded bytes": [hex.map((each) => `%${each}`).join("")],
    "escapes of JSON": [text.replaceAll(/./gs, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`)],
    "a list of numbers": [bytes.join(","), bytes.join(", "), bytes.join(" ")],
  };
}

/** A text in which each byte is a character of its own, as files hold them that are no text. */
function byteText(of: string | Uint8Array): string {
  return Buffer.from(of as string).toString("latin1");
}

/** What is the same of bytes in base64 whatever stands around them. @param before how many bytes precede them, modulo 3 */
function base64Within(bytes: Buffer, before: number): string {
  const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
  // Characters at the edges have bits of what is before or behind.
  const whole = Math.floor(((before + bytes.length) * 8) / 6);
  return encoded.slice(Math.ceil((before * 8) / 6), whole);
}

/** The text of a message, with what bytes in it say. */
export function textOf(value: unknown): string {
  if (typeof value === "bigint") return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .map(([name, inner]) => `${name}: ${textOf(inner)}`)
    .join("\n");
}
