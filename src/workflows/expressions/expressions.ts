import { isCelError, parse, plan } from "@bufbuild/cel";
import type { JsonValue, PayloadValue } from "../payload-value.ts";
import { createCelEnv } from "./cel-functions.ts";
import { fromPayloadValue, toJson } from "./cel-json.ts";
import { CostMeter } from "./cost-meter.ts";
import { ExpressionError } from "./expression-error.ts";
import { withMacroCosts } from "./macro-costs.ts";
import { stepsRead } from "./references.ts";

/** What expressions see. */
export interface Variables {
  readonly input: PayloadValue;
  /** By step id. */
  readonly results: Readonly<Record<string, PayloadValue>>;
  readonly workflow: { readonly id: string; readonly name: string; readonly correlation_id: string };
}

/** An expression that can be worked out. */
export interface Expression {
  /** The ids of the steps whose results it reads. */
  readonly reads: ReadonlySet<string>;
  /**
   * @param levels how deep its value may be
   * @throws ExpressionError if it has no value, or none that JSON can write
   */
  evaluate(scope: Scope, levels: number): JsonValue;
}

/** The variables of one step as the library takes them, and what its expressions may still cost. */
export interface Scope {
  readonly bindings: Readonly<Record<string, ReturnType<typeof fromPayloadValue>>>;
  readonly meter: CostMeter;
}

/** Makes expressions of their texts: CEL, https://cel.dev. */
export interface Expressions {
  /** @throws ExpressionError if it is none */
  compile(text: string): Expression;
}

/** Expressions that are kept compiled: what workflows are made of repeats, and parsing costs ten times the working out. */
const keptExpressions = 1_000;

/** The language of expressions. */
export function createExpressions(): Expressions {
  const kept = new Map<string, Expression>();
  let meter = new CostMeter();
  const env = createCelEnv(() => meter);

  function compile(text: string): Expression {
    const { expr } = said(() => parse(text));
    const reads = stepsRead(expr, (name) => env.funcs.find(name) !== undefined);
    const run = said(() => plan(env, withMacroCosts(expr)));
    return {
      reads,
      evaluate(scope, levels) {
        meter = scope.meter;
        const value = run(scope.bindings);
        if (isCelError(value)) throw new ExpressionError(value.message, { cause: value });
        return toJson(value, env, meter, levels);
      },
    };
  }

  return {
    compile(text) {
      const known = kept.get(text);
      if (known !== undefined) return known;
      const expression = compile(text);
      const [oldest] = kept.keys();
      if (kept.size >= keptExpressions && oldest !== undefined) kept.delete(oldest);
      kept.set(text, expression);
      return expression;
    },
  };
}

/** The scope of one step. */
export function createScope({ input, results, workflow }: Variables): Scope {
  const byStep = Object.entries(results).map(([step, result]) => [step, fromPayloadValue(result)] as const);
  return {
    bindings: {
      input: fromPayloadValue(input),
      results: new Map(byStep),
      workflow: new Map(Object.entries(workflow)),
    },
    meter: new CostMeter(),
  };
}

/** What the library throws is for whoever wrote the expression. */
function said<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new ExpressionError(text.replace(/^<input>:\d+:(\d+): /, "at character $1: "), { cause: error });
  }
}
