import { type CelValue, isCelList, isCelMap } from "@bufbuild/cel";
import { limits } from "../../domain/limits.ts";
import { ExpressionError } from "./expression-error.ts";

/** Characters or bytes that cost as much as one value. */
const charactersPerUnit = 64;

/**
 * What the expressions of one step may still cost. Lists and texts grow faster than the expression that makes them, and who
 * works them out has the server's one thread: every value that a function looks at, and every round of a macro, costs a unit.
 * It is counted, not timed, so that a step that worked once works every time.
 */
export class CostMeter {
  #left: number = limits.expressionCost;

  /** @throws ExpressionError if that is too much */
  charge(units: number): void {
    this.#left -= units;
    if (this.#left < 0) throw new ExpressionError("is too costly: it goes through too much data");
  }

  /** Charges so many characters or bytes. */
  chargeLength(length: number): void {
    this.charge(length / charactersPerUnit);
  }

  /** Charges a value with all that is in it. */
  chargeValue(value: CelValue): void {
    this.charge(1);
    if (typeof value === "string" || value instanceof Uint8Array) this.chargeLength(value.length);
    else if (isCelList(value)) for (const each of value) this.chargeValue(each);
    else if (isCelMap(value)) {
      for (const [key, each] of value) {
        this.chargeValue(key);
        this.chargeValue(each);
      }
    }
  }
}
