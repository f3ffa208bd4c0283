import { InvalidArgumentError } from "commander";
import type { ProtoEnum } from "../../contract/enums.ts";

/** An enum by the words that an option takes. */
type Words<Value extends number> = ProtoEnum<string, Value>;

/** Every word, as a usage line shows them. */
export function wordsText({ values }: Words<number>): string {
  return Object.keys(values).join(", ");
}

/** Reads one word. @throws InvalidArgumentError with all words */
export function parseWord<Value extends number>(words: Words<Value>, text: string): Value {
  const value = Object.hasOwn(words.values, text) ? words.values[text] : undefined;
  if (value === undefined) throw new InvalidArgumentError(`Expected one of: ${wordsText(words)}.`);
  return value;
}

/** Makes the reader of an option that may be repeated and takes several words with commas between them. */
export function collectWords<Value extends number>(words: Words<Value>) {
  return (text: string, collected: readonly Value[] = []): Value[] => {
    const found = text.split(",").map((word) => parseWord(words, word.trim().toLowerCase()));
    return [...collected, ...found];
  };
}
