import { BalancingStrategy } from "../../../gen/sitq/v1/queue_pb.js";
import { protoEnum } from "../../contract/enums.ts";
import type { BalancingStrategy as DomainStrategy } from "../../domain/balancing/balancing.ts";
import { parseEnum } from "./checks.ts";

const { values: strategies, words: strategyWords } = protoEnum<DomainStrategy, BalancingStrategy>()({
  least_loaded: BalancingStrategy.LEAST_LOADED,
  round_robin: BalancingStrategy.ROUND_ROBIN,
  random: BalancingStrategy.RANDOM,
  weighted: BalancingStrategy.WEIGHTED,
  sticky: BalancingStrategy.STICKY,
});

/** A strategy as it goes out. */
export function toStrategy(strategy: DomainStrategy): BalancingStrategy {
  return strategies[strategy];
}

/** A strategy that is asked for; `otherwise` for UNSPECIFIED. @throws SitqError with the field's path */
export function parseStrategy(field: string, value: BalancingStrategy, otherwise: DomainStrategy): DomainStrategy {
  return parseEnum(field, value, strategyWords, otherwise);
}
