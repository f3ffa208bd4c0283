import type { ErrorTypeCount } from "../../../client/index.ts";
import { grouped } from "../../terminal/numbers.ts";
import { printable } from "../../terminal/printable.ts";

/** How an error without a type is called. */
export const untyped = "(no type)";

/** How many tasks have which type of error, a line each after a line break; empty: none has one. @param all how many tasks there are */
export function errorTypesText(errorTypes: readonly ErrorTypeCount[], all: bigint): string {
  if (errorTypes.length === 0) return "";
  const counted = errorTypes.reduce((sum, { taskCount }) => sum + taskCount, 0n);
  const rows = errorTypes.map(
    ({ errorType, taskCount }) => [grouped(taskCount), printable(errorType) || untyped] as const,
  );
  const others = all > counted ? [[grouped(all - counted), "others"] as const] : [];
  const width = Math.max(...[...rows, ...others].map(([count]) => count.length));
  return [...rows, ...others].map(([count, type]) => `\n  ${count.padStart(width)}  ${type}`).join("");
}
