import type { parse } from "@bufbuild/cel";
import { ExpressionError } from "./expression-error.ts";
import { isInt, isUint } from "./functions/casts.ts";

/** A parsed expression, or a part of one. */
export type Expr = ReturnType<typeof parse>["expr"];

/** The variables of every expression. */
const variables: ReadonlySet<string> = new Set(["input", "results", "workflow"]);
/** Names that stand for types: `type(input.id) == double`. */
const typeNames: ReadonlySet<string> = new Set([
  "bool",
  "bytes",
  "double",
  "int",
  "list",
  "map",
  "null_type",
  "string",
  "type",
  "uint",
  "google",
]);
/** What looks like a function and is none to the library. */
const operators: ReadonlySet<string> = new Set(["_?_:_", "_&&_", "_||_", "_[_]", "@not_strictly_false"]);

/** What an expression reads. */
export interface References {
  /** The ids of the steps whose results it reads, by `results.STEP` or `results["STEP"]`. */
  readonly steps: ReadonlySet<string>;
  /** Whether it reads the workflow's input. */
  readonly input: boolean;
}

/** Answers how often a function takes its arguments so: with a target (`a.f(b)`) or without, and how many. */
export type FindFunction = (name: string) => readonly { readonly isMethod: boolean; readonly count: number }[] | null;

/**
 * Finds what an expression reads.
 *
 * @throws ExpressionError if it names what there is not, or reads `results` in a way that does not say which step is meant
 */
export function referencesOf(expr: Expr, findFunction: FindFunction): References {
  const steps = new Set<string>();
  let input = false;

  function visit(part: Expr | undefined, bound: ReadonlySet<string>): void {
    const kind = part?.exprKind;
    const isResults = (operand: Expr | undefined) => nameOf(operand) === "results" && !bound.has("results");
    const visitAll = (parts: readonly (Expr | undefined)[]) => {
      for (const each of parts) visit(each, bound);
    };
    switch (kind?.case) {
      case "identExpr":
        checkName(kind.value.name, bound);
        if (kind.value.name === "input" && !bound.has("input")) input = true;
        break;
      case "constExpr":
        checkLiteral(kind.value);
        break;
      case "selectExpr":
        if (isResults(kind.value.operand)) steps.add(kind.value.field);
        else visit(kind.value.operand, bound);
        break;
      case "callExpr": {
        const { function: name, target, args } = kind.value;
        if (name === "_[_]" && isResults(args[0])) {
          const step = textOf(args[1]);
          if (step === null) throw unclearResults();
          steps.add(step);
          break;
        }
        const isQualified = target !== undefined && findFunction(`${nameOf(target)}.${name}`) !== null;
        if (!isQualified) {
          visit(target, bound);
          if (!operators.has(name)) checkCall(name, target !== undefined, args.length, findFunction);
        }
        visitAll(args);
        break;
      }
      case "listExpr":
        visitAll(kind.value.elements);
        break;
      case "structExpr":
        if (kind.value.messageName !== "") {
          throw new ExpressionError(`messages such as ${kind.value.messageName} cannot be made here`);
        }
        for (const { keyKind, value } of kind.value.entries) {
          visitAll([keyKind.case === "mapKey" ? keyKind.value : undefined, value]);
        }
        break;
      case "comprehensionExpr": {
        const { accuInit, accuVar, iterRange, iterVar, loopCondition, loopStep, result } = kind.value;
        visitAll([accuInit, iterRange]);
        const inside = new Set([...bound, accuVar, iterVar]);
        for (const each of [loopCondition, loopStep]) visit(each, inside);
        visit(result, new Set([...bound, accuVar]));
        break;
      }
      default:
    }
  }

  visit(expr, new Set());
  return { steps, input };
}

function checkCall(name: string, isMethod: boolean, count: number, findFunction: FindFunction): void {
  const forms = findFunction(name);
  if (forms === null) throw new ExpressionError(`there is no function ${name}`);
  if (forms.some((form) => form.isMethod === isMethod && form.count === count)) return;
  if (!forms.some((form) => form.isMethod === isMethod)) {
    throw new ExpressionError(`${name} is called as ${isMethod ? `${name}(value)` : `value.${name}()`}`);
  }
  throw new ExpressionError(`${name} does not take ${count === 1 ? "1 argument" : `${count} arguments`}`);
}

function checkLiteral({ constantKind }: Extract<Expr["exprKind"], { case: "constExpr" }>["value"]): void {
  const { case: kind, value } = constantKind;
  const isTooLarge =
    (kind === "int64Value" && !isInt(value)) ||
    (kind === "uint64Value" && !isUint(value)) ||
    (kind === "doubleValue" && !Number.isFinite(value));
  if (isTooLarge) throw new ExpressionError("a number in it is larger than 64 bits hold");
}

function checkName(name: string, bound: ReadonlySet<string>): void {
  if (bound.has(name) || typeNames.has(name)) return;
  if (name === "results") throw unclearResults();
  if (!variables.has(name)) throw new ExpressionError(`there is no ${name}; there are input, results and workflow`);
}

function unclearResults(): ExpressionError {
  return new ExpressionError('results is read by a step\'s name: results.STEP or results["STEP"]');
}

function nameOf(expr: Expr | undefined): string | null {
  return expr?.exprKind.case === "identExpr" ? expr.exprKind.value.name : null;
}

function textOf(expr: Expr | undefined): string | null {
  if (expr?.exprKind.case !== "constExpr") return null;
  const { constantKind } = expr.exprKind.value;
  return constantKind.case === "stringValue" ? constantKind.value : null;
}
