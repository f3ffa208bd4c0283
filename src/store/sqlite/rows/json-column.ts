/** A column that holds text; `null` where it holds none, or a flipped bit has made it bytes or a number. */
export function textOf(value: string | null): string | null {
  return typeof value === "string" ? value : null;
}

/** Reads a column that holds JSON; `null` where it holds none, or is damaged on the disk: a listing still shows the rest of its row. */
export function readJson<T>(text: string | null): T | null {
  try {
    return text === null ? null : (JSON.parse(text) as T);
  } catch {
    return null;
  }
}
