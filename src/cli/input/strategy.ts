import { BalancingStrategy } from "../../client/index.ts";
import { protoEnum } from "../../contract/enums.ts";
import { printable } from "../terminal/printable.ts";
import { parseWord, wordsText } from "./enum-words.ts";

const strategies = protoEnum<string, BalancingStrategy>()({
  "least-loaded": BalancingStrategy.LEAST_LOADED,
  "round-robin": BalancingStrategy.ROUND_ROBIN,
  random: BalancingStrategy.RANDOM,
  weighted: BalancingStrategy.WEIGHTED,
  sticky: BalancingStrategy.STICKY,
});

/** Every strategy, for a help text. */
export const strategyWords = wordsText(strategies);

/** Reads a strategy as people write it: `round-robin`. */
export function parseStrategy(text: string): BalancingStrategy {
  return parseWord(strategies, text.toLowerCase().replaceAll("_", "-"));
}

/** The strategy of a service as people write it, with the header that it needs; `default` for none. */
export function strategyText({ strategy, hashHeader }: { strategy: BalancingStrategy; hashHeader: string }): string {
  if (strategy === BalancingStrategy.UNSPECIFIED) return "default";
  const word = strategies.words[strategy] ?? String(strategy);
  return hashHeader === "" ? word : `${word} by ${printable(hashHeader)}`;
}
