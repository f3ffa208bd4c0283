/**
 * The text without what a terminal would obey: control characters, line ends included, stand as blanks. Errors and ids come
 * from unknown programs.
 */
export function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ").trim();
}

/** The same, but lines stay lines and tabs stay tabs. */
export function printableLines(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, "");
}

/** Why a file could not be used, for people: `permission denied`. Node's own text names the code and the path again. */
export function systemErrorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [, words] = /^[A-Z]+: ([^,]+)/.exec(error.message) ?? [];
  return words ?? error.message;
}

/** The text on one line of at most `length` characters. */
export function clipped(text: string, length: number): string {
  const line = printable(text);
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`;
}

/** Names in a line; of many the first. */
export function namesText(names: readonly string[]): string {
  const shown = names.slice(0, 5).map(printable).join(", ");
  return names.length <= 5 ? shown : `${shown} and ${names.length - 5} more`;
}

/** A word as a shell takes it. */
export function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
