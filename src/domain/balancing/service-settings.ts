import { invalidField } from "../errors.ts";
import type { BalancingStrategy } from "./balancing.ts";

/** How the calls to a service are balanced. */
export interface ServiceSettings {
  /** `null`: none is chosen, so that each sort of caller has its default. */
  readonly strategy: BalancingStrategy | null;
  /** The header that clients by xDS keep on one instance under `sticky`; empty under all others. */
  readonly hashHeader: string;
}

/** The settings of one service, as they are stored. */
export interface StoredService extends ServiceSettings {
  readonly name: string;
  /** When they were changed, by the wall clock in milliseconds. */
  readonly updateMs: number;
}

/** The settings of a service that has none of its own. */
export const defaultServiceSettings: ServiceSettings = { strategy: null, hashHeader: "" };

/**
 * The settings after a change. A header goes with the strategy that needs it: another strategy drops it.
 *
 * @throws SitqError INVALID_FIELD: `sticky` has no header, or another strategy is given one
 */
export function changedSettings(before: ServiceSettings, changes: Partial<ServiceSettings>): ServiceSettings {
  const { strategy, hashHeader } = { ...before, ...changes };
  if (strategy === "sticky") {
    if (hashHeader === "") throw invalidField("service.hash_header", "is required for STICKY");
    return { strategy, hashHeader };
  }
  if (changes.hashHeader) throw invalidField("service.hash_header", "is only allowed for STICKY");
  return { strategy, hashHeader: "" };
}
