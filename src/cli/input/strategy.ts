import { BalancingStrategy } from "../../client/index.ts";
import { protoEnum } from "../../contract/enums.ts";
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
