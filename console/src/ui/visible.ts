// Controls but tab and newline, marks of direction, what has no width, halves of surrogate pairs.
const unseen =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it finds
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Surrogate}/gu;

/** A text with each character that cannot be seen replaced by its code: `⟨U+202E⟩`. */
export function visible(text: string): string {
  return text.replace(
    unseen,
    (found) => `⟨U+${(found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}⟩`,
  );
}
