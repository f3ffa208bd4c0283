import { limits } from "../../../src/domain/limits.ts";
import { CostMeter } from "../../../src/workflows/expressions/cost-meter.ts";
import { createExpressions, createScope, type Variables } from "../../../src/workflows/expressions/expressions.ts";
import { fillParameters } from "../../../src/workflows/expressions/parameters.ts";
import type { JsonValue, PayloadValue } from "../../../src/workflows/payload-value.ts";

/** JSON as a payload. */
export function json(value: JsonValue): PayloadValue {
  return { kind: "json", value };
}

/** What expressions see in a test, with what it changes. */
export function variables(overrides: Partial<Variables> = {}): Variables {
  return {
    input: null,
    results: {},
    workflow: { id: "w1", name: "place-order", correlation_id: "c1" },
    ...overrides,
  };
}

/** Works parameters out. */
export function fill(parameters: JsonValue, overrides: Partial<Variables> = {}): JsonValue {
  const scope = createScope(variables(overrides), new CostMeter(limits.expressionCost));
  return fillParameters(parameters, createExpressions(), scope);
}

/** The value of one expression over an input. */
export function evaluated(expression: string, input: JsonValue = null): JsonValue {
  return fill(`\${${expression}}`, { input: json(input) });
}
