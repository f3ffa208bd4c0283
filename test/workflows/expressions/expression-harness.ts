import type { JsonValue } from "../../../src/contract/json-value.ts";
import { limits } from "../../../src/contract/limits.ts";
import { fromPayloadValue } from "../../../src/workflows/expressions/cel-json.ts";
import { CostMeter } from "../../../src/workflows/expressions/cost-meter.ts";
import { createExpressions, createScope, type Variables } from "../../../src/workflows/expressions/expressions.ts";
import { fillParameters } from "../../../src/workflows/expressions/parameters.ts";
import type { PayloadValue } from "../../../src/workflows/expressions/payload-value.ts";

/** JSON as a payload. */
export function json(value: JsonValue): PayloadValue {
  return { kind: "json", value };
}

/** What expressions see, as payloads. */
interface Payloads {
  readonly input: PayloadValue;
  readonly results: Readonly<Record<string, PayloadValue>>;
  readonly workflow: Variables["workflow"];
}

/** What expressions see in a test, with what it changes. */
function variables({ input = null, results = {}, workflow }: Partial<Payloads>): Variables {
  return {
    input: fromPayloadValue(input),
    results: Object.fromEntries(Object.entries(results).map(([step, result]) => [step, fromPayloadValue(result)])),
    workflow: workflow ?? { id: "w1", name: "place-order", correlation_id: "c1" },
  };
}

/** Works parameters out. */
export function fill(parameters: JsonValue, overrides: Partial<Payloads> = {}): JsonValue {
  const scope = createScope(variables(overrides), new CostMeter(limits.expressionCost));
  return fillParameters(parameters, createExpressions(), scope);
}

/** The value of one expression over an input. */
export function evaluated(expression: string, input: JsonValue = null): JsonValue {
  return fill(`\${${expression}}`, { input: json(input) });
}
