import { isCelError, parse, plan } from "@bufbuild/cel";
import type { JsonValue } from "../../contract/json-value.ts";
import { type fromPayloadValue, toJson } from "./cel-json.ts";
import { CostMeter, TooCostlyError } from "./cost-meter.ts";
import { ExpressionError } from "./expression-error.ts";
import { createCelEnv } from "./functions/environment.ts";
import { type FindFunction, referencesOf } from "./references.ts";
import { partsOf, rewritten } from "./rewriting.ts";
import { parsableSource, withQuotedNames } from "./source.ts";

/** A value as the library takes it. */
export type VariableValue = ReturnType<typeof fromPayloadValue>;

/** What expressions see. */
export interface Variables {
  readonly input: VariableValue;
  /** By step id. */
  readonly results: Readonly<Record<string, VariableValue>>;
  readonly workflow: { readonly id: string; readonly name: string; readonly correlation_id: string };
}

/** An expression that can be worked out. */
export interface Expression {
  /** The ids of the steps whose results it reads. */
  readonly reads: ReadonlySet<string>;
  /** Whether it reads the workflow's input. */
  readonly readsInput: boolean;
  /**
   * @param levels how deep its value may be
   * @throws ExpressionError if it has no value, or none that JSON can write
   */
  evaluate(scope: Scope, levels: number): JsonValue;
}

/** The variables of one step as the library takes them, and what its expressions may still cost. */
export interface Scope {
  readonly bindings: Readonly<Record<string, VariableValue>>;
  readonly meter: CostMeter;
}

/** Makes expressions of their texts: CEL, https://cel.dev. */
export interface Expressions {
  /**
   * @param onParse called if it is not cached and has to be parsed
   * @throws ExpressionError if it is none
   */
  compile(text: string, onParse?: (length: number) => void): Expression;
}

/** Expressions that are kept compiled: what workflows are made of repeats, and parsing costs ten times the working out. */
const keptExpressions = 1_000;

/** Creates the language of expressions. */
export function createExpressions(): Expressions {
  const kept = new Map<string, Expression>();
  let meter = new CostMeter(0);
  const env = createCelEnv(() => meter);

  const findFunction: FindFunction = (name) => {
    const group = env.funcs.find(name);
    if (group === undefined) return null;
    return Array.from(group, ({ target, arguments: types }) => ({
      isMethod: target !== undefined,
      count: types.length,
    }));
  };

  function compile(source: string): Expression {
    const { text, quotedNames } = parsableSource(source);
    const { expr } = withPlainErrors(() => parse(text));
    withQuotedNames(expr, quotedNames);
    const references = referencesOf(expr, findFunction);
    const parts = partsOf(expr);
    const run = withPlainErrors(() => plan(env, rewritten(expr)));
    return {
      reads: references.steps,
      readsInput: references.input,
      evaluate(scope, levels) {
        meter = scope.meter;
        meter.charge(parts);
        const value = withoutTraces(() => run(scope.bindings));
        if (!isCelError(value)) return toJson(value, meter, levels);
        if (value.cause instanceof TooCostlyError) throw value.cause;
        throw new ExpressionError(value.message, { cause: value });
      },
    };
  }

  return {
    compile(text, onParse) {
      const known = kept.get(text);
      if (known !== undefined) return known;
      onParse?.(text.length);
      const expression = compile(text);
      const [oldest] = kept.keys();
      if (kept.size >= keptExpressions && oldest !== undefined) kept.delete(oldest);
      kept.set(text, expression);
      return expression;
    },
  };
}

/** Creates the scope of one step. */
export function createScope({ input, results, workflow }: Variables, meter: CostMeter): Scope {
  return {
    bindings: {
      input,
      results: new Map(Object.entries(results)),
      workflow: new Map(Object.entries(workflow)),
    },
    meter,
  };
}

/** Turns what the library throws into an error for the author of the expression. */
function withPlainErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new ExpressionError(text.replace(/^<input>:\d+:(\d+): /, "at character $1: "), { cause: error });
  }
}

/** An error within an expression is a value, of which there can be many: finding out where each was made takes longest. */
function withoutTraces<T>(work: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
