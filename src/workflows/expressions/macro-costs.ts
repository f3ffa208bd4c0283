import { appendFunction, itemsFunction } from "./cel-functions.ts";
import type { Expr } from "./references.ts";

/** Puts the charges of macros into an expression: what they go through, and the lists that they make. */
export function withMacroCosts(expr: Expr): Expr {
  const { exprKind } = expr;
  switch (exprKind.case) {
    case "selectExpr":
      exprKind.value.operand = replaced(exprKind.value.operand);
      break;
    case "callExpr":
      exprKind.value.target = replaced(exprKind.value.target);
      exprKind.value.args = exprKind.value.args.map(withMacroCosts);
      break;
    case "listExpr":
      exprKind.value.elements = exprKind.value.elements.map(withMacroCosts);
      break;
    case "structExpr":
      for (const entry of exprKind.value.entries) {
        if (entry.keyKind.case === "mapKey") entry.keyKind.value = withMacroCosts(entry.keyKind.value);
        entry.value = replaced(entry.value);
      }
      break;
    case "comprehensionExpr": {
      const { iterRange, loopStep, accuVar } = exprKind.value;
      if (loopStep !== undefined) {
        appendInPlace(loopStep, accuVar);
        exprKind.value.loopStep = withMacroCosts(loopStep);
      }
      if (iterRange !== undefined) exprKind.value.iterRange = call(itemsFunction, withMacroCosts(iterRange));
      break;
    }
    default:
  }
  return expr;
}

function replaced(expr: Expr | undefined) {
  return expr && withMacroCosts(expr);
}

/** `accu + [item]`, alone or as the first branch of a condition, is how map and filter grow their list. */
function appendInPlace({ exprKind }: Expr, accuVar: string): void {
  if (exprKind.case !== "callExpr") return;
  const { function: name, args } = exprKind.value;
  const [first, second] = args;
  if (name === "_?_:_" && second !== undefined) appendInPlace(second, accuVar);
  const isAccu = first?.exprKind.case === "identExpr" && first.exprKind.value.name === accuVar;
  if (name === "_+_" && isAccu && second?.exprKind.case === "listExpr") exprKind.value.function = appendFunction;
}

function call(name: string, arg: Expr): Expr {
  const value = { $typeName: "cel.expr.Expr.Call", target: undefined, function: name, args: [arg] } as const;
  return { $typeName: "cel.expr.Expr", id: arg.id, exprKind: { case: "callExpr", value: { ...value, args: [arg] } } };
}
