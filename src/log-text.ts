/**
 * Log lines for a person. A line `{"level":"warn","time":"2025-01-02T03:04:05.006Z","queue":"mail","msg":"Full."}` becomes
 * `2025-01-02T03:04:05.006Z WARN  Full. queue=mail`; the stack of an error stands below it, indented.
 */

/** The text of one line of the log. @param line a JSON object, with its end */
export function logText(line: string): string {
  const { level, time, msg, ...facts }: Record<string, unknown> = JSON.parse(line);
  const head = [String(time), String(level).toUpperCase().padEnd(5), escaped(String(msg))];
  const words = Object.entries(facts).flatMap(([key, value]) => factWords(quoted(key), value));
  const stacks = Object.values(facts).flatMap((value) => (isError(value) ? stackLines(value) : []));
  return `${[[...head, ...words].join(" "), ...stacks].join("\n")}\n`;
}

function factWords(key: string, value: unknown): string[] {
  if (!isError(value)) return [`${key}=${typeof value === "string" ? quoted(value) : escaped(JSON.stringify(value))}`];
  const { type, message, stack: _, cause: _cause, ...own } = value;
  const ownWords = Object.entries(own).flatMap(([name, each]) => factWords(`${key}.${quoted(name)}`, each));
  return [`${key}=${quoted(`${type}: ${message}`)}`, ...ownWords];
}

/** Where an error comes from, and its causes. What it says stands in its line already. */
function stackLines({ stack, cause }: LoggedError): string[] {
  const places = stack.split("\n").filter((line) => /^\s*at /.test(line));
  const lines = places.map((line) => `    ${escaped(line.trim())}`);
  return isError(cause)
    ? [...lines, `    caused by ${escaped(`${cause.type}: ${cause.message}`)}`, ...stackLines(cause)]
    : lines;
}

/** An error as the log has it. */
interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly stack: string;
  readonly cause?: unknown;
}

function isError(value: unknown): value is LoggedError {
  if (typeof value !== "object" || value === null) return false;
  return ["type", "message", "stack"].every((key) => typeof Reflect.get(value, key) === "string");
}

/** A text as it is if it is one word, in quotes otherwise. */
function quoted(text: string): string {
  return /^[^\s"=]+$/.test(text) ? escaped(text) : escaped(JSON.stringify(text));
}

/** A text without what a terminal would obey, and what would change the order or the number of its lines. */
function escaped(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u${code.toString(16).padStart(4, "0")}`;
  });
}
