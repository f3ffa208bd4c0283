import { InvalidArgumentError } from "commander";
import { BalancingStrategy } from "../../client/index.ts";

const strategies = new Map([
  ["least-loaded", BalancingStrategy.LEAST_LOADED],
  ["round-robin", BalancingStrategy.ROUND_ROBIN],
  ["random", BalancingStrategy.RANDOM],
  ["weighted", BalancingStrategy.WEIGHTED],
  ["sticky", BalancingStrategy.STICKY],
]);

/** Every strategy, for a help text. */
export const strategyWords = [...strategies.keys()].join(", ");

/** Reads a strategy as people write it: `round-robin`. */
export function parseStrategy(text: string): BalancingStrategy {
  const strategy = strategies.get(text.toLowerCase().replaceAll("_", "-"));
  if (strategy === undefined) throw new InvalidArgumentError(`Expected one of: ${strategyWords}.`);
  return strategy;
}
