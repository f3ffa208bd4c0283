import {
  type CelFunc,
  type CelInput,
  type CelList,
  CelScalar,
  type CelValue,
  celEnv,
  celFunc,
  celList,
  celMethod,
  isCelError,
  isCelList,
  isCelMap,
  listType,
} from "@bufbuild/cel";
import { strings } from "@bufbuild/cel/ext";
import type { CostMeter } from "./cost-meter.ts";

/** The list or map that a macro goes through, charged. The compiler puts it there. */
export const itemsFunction = "@items";
/** What a macro's list grows by. The library's own `+` makes a chain of lists as long as the result. */
export const appendFunction = "@append";

const { DOUBLE, DYN, INT, STRING } = CelScalar;
const anyList = listType(DYN);

type Arithmetic = (a: number, b: number) => number;

const arithmetic: Readonly<Record<string, Arithmetic>> = {
  "_+_": (a, b) => a + b,
  "_-_": (a, b) => a - b,
  "_*_": (a, b) => a * b,
  "_/_": (a, b) => a / b,
  "_%_": (a, b) => a % b,
};

/** Whole numbers of an expression beside the doubles that JSON has: `input.total * 2`. CEL itself wants one type on both sides. */
const mixedArithmetic: readonly CelFunc[] = Object.entries(arithmetic).flatMap(([name, of]) => [
  celFunc(name, [DOUBLE, INT], DOUBLE, (a, b) => of(a, Number(b))),
  celFunc(name, [INT, DOUBLE], DOUBLE, (a, b) => of(Number(a), b)),
]);

const remainder = celFunc("_%_", [DOUBLE, DOUBLE], DOUBLE, (a, b) => a % b);

/** The functions of expressions, each charged to the meter that `current` answers. */
export function createCelEnv(current: () => CostMeter) {
  /** What the work of these costs beside what they look at. */
  const surcharges: Readonly<Record<string, (args: readonly CelValue[]) => void>> = {
    // Each character becomes a text of its own.
    split: ([text]) => current().charge(lengthOf(text)),
    // The pattern is a machine of many states, all of which a character may go through.
    matches: ([text, pattern]) => current().charge(16 * (lengthOf(text) + lengthOf(pattern))),
    join: ([list, separator]) => current().chargeLength((isCelList(list) ? list.size : 0) * lengthOf(separator)),
  };

  function metered(func: CelFunc): CelFunc {
    const surcharge = surcharges[func.name];
    const call = (target: CelValue | undefined, args: CelValue[]): CelInput => {
      const all = target === undefined ? args : [target, ...args];
      for (const each of all) current().chargeValue(each);
      surcharge?.(all);
      const result = func.call(0, target, args);
      if (result === undefined) throw new Error("the function does not take these values");
      if (isCelError(result)) throw result;
      return result;
    };
    const { name, target, arguments: types, result } = func;
    if (target === undefined) return celFunc(name, [...types], result, (...args: CelValue[]) => call(undefined, args));
    return celMethod(name, target, [...types], result, function (...args: CelValue[]) {
      return call(this, args);
    });
  }

  function replaced(text: string, part: string, by: string, most: number): string {
    const pieces = part === "" ? ["", ...text, ""] : text.split(part);
    const times = Math.min(pieces.length - 1, most < 0 ? Number.POSITIVE_INFINITY : most);
    current().charge(pieces.length);
    current().chargeLength(times * by.length);
    return [pieces.slice(0, times + 1).join(by), ...pieces.slice(times + 1)].join(part);
  }

  const grown = new WeakMap<CelList, CelInput[]>();
  const own = [
    ...mixedArithmetic,
    remainder,
    celMethod("replace", STRING, [STRING, STRING], STRING, function (part, by) {
      return replaced(this, part, by, -1);
    }),
    celMethod("replace", STRING, [STRING, STRING, INT], STRING, function (part, by, most) {
      return replaced(this, part, by, Number(most));
    }),
  ];
  const internal = [
    celFunc(itemsFunction, [DYN], DYN, (items) => {
      if (isCelList(items) || isCelMap(items)) current().charge(items.size);
      return items;
    }),
    // A macro's list is nobody else's while it grows.
    celFunc(appendFunction, [anyList, anyList], anyList, (list, more) => {
      current().charge(1);
      const items = grown.get(list);
      if (items !== undefined) {
        items.push(...more);
        return list;
      }
      const fresh: CelInput[] = [...list, ...more];
      const begun = celList(fresh);
      grown.set(begun, fresh);
      return begun;
    }),
  ];
  const plain = celEnv({ funcs: [...strings, ...own] });
  return celEnv({ funcs: [...[...plain.funcs].map(metered), ...internal] });
}

function lengthOf(value: CelValue | undefined): number {
  return typeof value === "string" ? value.length : 0;
}
