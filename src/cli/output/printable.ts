/**
 * The text without what a terminal would obey: control characters, line ends included, stand as blanks. Errors and ids come
 * from programs that nobody here knows.
 */
export function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ").trim();
}

/** The same, but lines stay lines and tabs stay tabs. */
export function printableLines(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, "");
}

/** The text on one line of at most `length` characters. */
export function clipped(text: string, length: number): string {
  const line = printable(text);
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`;
}
