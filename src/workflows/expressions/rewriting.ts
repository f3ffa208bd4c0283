import type { Expr } from "./references.ts";

/** Functions that the compiler puts into expressions, in place of what the library does by itself. */
export const internalFunctions = {
  /** The list or map that a macro goes through. */
  items: "@items",
  /** What a macro's list grows by. The library's own `+` makes a chain of lists as long as the result. */
  append: "@append",
  /** One round of a macro: its condition, and what the round costs. */
  round: "@round",
  /** `a[b]`. The library looks for a number among all keys of a map, uncounted. */
  index: "@index",
  /** `has(a.b)`. To the library a member that is null is absent. */
  has: "@has",
} as const;

const { items, append, round, index, has } = internalFunctions;

/** How many parts an expression has that are worked out each time; the rounds of macros are charged by themselves. */
export function partsOf(expr: Expr | undefined): number {
  if (expr === undefined) return 0;
  return childrenOf(expr).reduce((sum, each) => sum + partsOf(each), 1);
}

/** The parts of an expression that are worked out once when it is. */
function childrenOf({ exprKind }: Expr): readonly (Expr | undefined)[] {
  switch (exprKind.case) {
    case "selectExpr":
      return [exprKind.value.operand];
    case "callExpr":
      return [exprKind.value.target, ...exprKind.value.args];
    case "listExpr":
      return exprKind.value.elements;
    case "structExpr":
      return exprKind.value.entries.flatMap(({ keyKind, value }) => [
        keyKind.case === "mapKey" ? keyKind.value : undefined,
        value,
      ]);
    case "comprehensionExpr":
      return [exprKind.value.iterRange, exprKind.value.accuInit, exprKind.value.result];
    default:
      return [];
  }
}

/** Puts the internal functions into an expression. It changes what it is given. */
export function rewritten(expr: Expr): Expr {
  const { exprKind } = expr;
  switch (exprKind.case) {
    case "selectExpr": {
      const { operand, field, testOnly } = exprKind.value;
      if (operand === undefined) break;
      if (testOnly) return call(expr, has, [rewritten(operand), text(expr, field)]);
      exprKind.value.operand = rewritten(operand);
      break;
    }
    case "callExpr": {
      const { target, args, function: name } = exprKind.value;
      exprKind.value.target = target && rewritten(target);
      exprKind.value.args = args.map(rewritten);
      if (name === "_[_]") exprKind.value.function = index;
      break;
    }
    case "listExpr":
      exprKind.value.elements = exprKind.value.elements.map(rewritten);
      break;
    case "structExpr":
      for (const entry of exprKind.value.entries) {
        if (entry.keyKind.case === "mapKey") entry.keyKind.value = rewritten(entry.keyKind.value);
        entry.value = entry.value && rewritten(entry.value);
      }
      break;
    case "comprehensionExpr": {
      const loop = exprKind.value;
      const { iterRange, loopStep, loopCondition, accuInit, accuVar, result } = loop;
      const cost = partsOf(loopStep) + partsOf(loopCondition);
      if (loopStep !== undefined) {
        appendInPlace(loopStep, accuVar);
        loop.loopStep = rewritten(loopStep);
      }
      if (loopCondition !== undefined) {
        loop.loopCondition = call(expr, round, [whole(expr, cost), rewritten(loopCondition)]);
      }
      if (iterRange !== undefined) loop.iterRange = call(expr, items, [rewritten(iterRange)]);
      loop.accuInit = accuInit && rewritten(accuInit);
      loop.result = result && rewritten(result);
      break;
    }
    default:
  }
  return expr;
}

/** `accu + [item]`, alone or as the first branch of a condition, is how map and filter grow their list. */
function appendInPlace({ exprKind }: Expr, accuVar: string): void {
  if (exprKind.case !== "callExpr") return;
  const { function: name, args } = exprKind.value;
  const [first, second] = args;
  if (name === "_?_:_" && second !== undefined) appendInPlace(second, accuVar);
  const isAccu = first?.exprKind.case === "identExpr" && first.exprKind.value.name === accuVar;
  if (name === "_+_" && isAccu && second?.exprKind.case === "listExpr") exprKind.value.function = append;
}

function call({ id }: Expr, name: string, args: Expr[]): Expr {
  const value = { $typeName: "cel.expr.Expr.Call", target: undefined, function: name, args } as const;
  return { $typeName: "cel.expr.Expr", id, exprKind: { case: "callExpr", value: { ...value, args } } };
}

function text(at: Expr, value: string): Expr {
  return constant(at, { case: "stringValue", value });
}

function whole(at: Expr, value: number): Expr {
  return constant(at, { case: "int64Value", value: BigInt(value) });
}

type ConstantKind = Extract<Expr["exprKind"], { case: "constExpr" }>["value"]["constantKind"];

function constant({ id }: Expr, constantKind: ConstantKind): Expr {
  const value = { $typeName: "cel.expr.Constant", constantKind } as const;
  return { $typeName: "cel.expr.Expr", id, exprKind: { case: "constExpr", value } };
}
