import { type CelValue, isCelList, isCelMap } from "@bufbuild/cel";
import { ExpressionError } from "./expression-error.ts";

/** Characters or bytes that cost as much as one value where they are copied or compared. */
const charactersPerUnit = 64;

/** What is thrown when the allowance is used up. */
export class TooCostlyError extends ExpressionError {
  override readonly name = "TooCostlyError";

  constructor() {
    super("is too costly: it goes through too much data");
  }
}

/**
 * What the expressions of one step may still cost. Lists and texts grow faster than the expression that makes them: every part
 * of an expression that is worked out, and every value that a function looks at, costs a unit, before it is done. It is counted,
 * not timed, so that a step that worked once works every time.
 */
export class CostMeter {
  readonly #allowance: number;
  #left: number;

  /** Whether it is done where turns are short. */
  readonly isLight: boolean;

  /** @param allowance in units */
  constructor(allowance: number, isLight = false) {
    this.isLight = isLight;
    this.#allowance = allowance;
    this.#left = allowance;
  }

  /** What was charged so far; at most the allowance. */
  get spent(): number {
    return this.#allowance - Math.max(this.#left, 0);
  }

  /**
   * Charges so many units. Once it has thrown it throws each time: CEL's `||` and `exists` pass over the errors of their parts.
   *
   * @throws TooCostlyError if that is too much
   */
  charge(units: number): void {
    this.#left -= units;
    // Not `< 0`, which is false for NaN.
    if (!(this.#left >= 0)) {
      this.#left = Number.NEGATIVE_INFINITY;
      throw new TooCostlyError();
    }
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
