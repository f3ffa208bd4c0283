import { BalancingStrategy } from "../../client/index.ts";
import { protoEnum } from "../../contract/enums.ts";
import { printable } from "../terminal/printable.ts";
import { parseWord, wordsText } from "./enum-words.ts";

const chosen = {
  "least-loaded": BalancingStrategy.LEAST_LOADED,
  "round-robin": BalancingStrategy.ROUND_ROBIN,
  random: BalancingStrategy.RANDOM,
  weighted: BalancingStrategy.WEIGHTED,
  sticky: BalancingStrategy.STICKY,
} as const;
const strategies = protoEnum<string, BalancingStrategy>()(chosen);
const serviceStrategies = protoEnum<string, BalancingStrategy>()({ ...chosen, default: BalancingStrategy.UNSPECIFIED });

/** Every strategy, for a help text. */
export const strategyWords = wordsText(strategies);

/** Reads a strategy as people write it: `round-robin`. */
export function parseStrategy(text: string): BalancingStrategy {
  return parseWord(strategies, strategyWord(text));
}

function strategyWord(text: string): string {
  return text.toLowerCase().replaceAll("_", "-");
}

/** Every strategy that a service can be given, for a help text. */
export const serviceStrategyWords = wordsText(serviceStrategies);

/** Reads the strategy that a service is given; `default`: none of its own. */
export function parseServiceStrategy(text: string): BalancingStrategy {
  return parseWord(serviceStrategies, strategyWord(text));
}

/** The strategy of a service as people write it, with the header that it needs; `default` for none. */
export function strategyText({ strategy, hashHeader }: { strategy: BalancingStrategy; hashHeader: string }): string {
  const word = serviceStrategies.words[strategy] ?? String(strategy);
  return hashHeader === "" ? word : `${word} by ${printable(hashHeader)}`;
}
