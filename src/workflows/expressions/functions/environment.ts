import { type CelEnv, type CelFunc, celEnv, isCelError } from "@bufbuild/cel";
import { strings } from "@bufbuild/cel/ext";
import type { CostMeter } from "../cost-meter.ts";
import { arithmetic } from "./arithmetic.ts";
import { casts } from "./casts.ts";
import { collections, internals } from "./collections.ts";
import { chargeCall, errorCost } from "./costs.ts";
import { texts } from "./texts.ts";
import { times } from "./times.ts";

type FuncGroup = NonNullable<ReturnType<CelEnv["funcs"]["find"]>>;

/**
 * The functions of expressions: the library's, those of them mended that differ from CEL's specification, and numbers of JSON
 * beside whole ones. Each call is charged to the meter that `current` answers, before it is done.
 */
export function createCelEnv(current: () => CostMeter): CelEnv {
  // One that comes later replaces one of the same name and types.
  const own: readonly CelFunc[] = [...arithmetic, ...casts, ...times, ...texts, ...collections];
  const env = celEnv({ funcs: [...strings, ...own, ...internals] });
  const metered = new Map<string, FuncGroup>();

  /**
   * Charged here, and not within the functions: what those throw is a value to the library, which `||` and the macros pass over,
   * and goes on.
   */
  function meter(group: FuncGroup): FuncGroup {
    return {
      name: group.name,
      [Symbol.iterator]: () => group[Symbol.iterator](),
      call(id, target, args) {
        chargeCall(current(), group.name, target === undefined ? args : [target, ...args]);
        const answer = group.call(id, target, args);
        if (isCelError(answer)) current().charge(errorCost);
        return answer;
      },
    };
  }

  const funcs: CelEnv["funcs"] = Object.create(env.funcs, {
    find: {
      value(name: string): FuncGroup | undefined {
        const known = metered.get(name);
        if (known !== undefined) return known;
        const group = env.funcs.find(name);
        if (group === undefined) return undefined;
        const made = meter(group);
        metered.set(name, made);
        return made;
      },
    },
  });
  return Object.create(env, { funcs: { value: funcs } });
}
