import { type CelValue, isCelList, isCelMap } from "@bufbuild/cel";
import { ExpressionError } from "./expression-error.ts";

/** Characters or bytes that cost as much as one value where they are copied or compared. */
const charactersPerUnit = 64;

/** After so many units it is looked whether the time is up. */
const unitsPerLook = 200;

/** What is thrown when the allowance is used up, or the time. */
export class TooCostlyError extends ExpressionError {
  override readonly name = "TooCostlyError";

  constructor() {
    super("is too costly: it goes through too much data");
  }
}

/**
 * What the expressions of one step may still cost. Lists and texts grow faster than the expression that makes them: every part
 * of an expression that is worked out, and every value that a function looks at, costs a unit, before it is done. What a step may
 * cost is counted, not timed, so that a step that worked once works every time; time decides only where it is done.
 */
export class CostMeter {
  readonly #allowance: number;
  readonly #isTimeUp: (() => boolean) | null;
  #left: number;
  #looksAt: number;
  #ranOutOfTime = false;

  /** Whether it is done where turns are short. */
  readonly isLight: boolean;

  /**
   * @param allowance in units
   * @param isTimeUp ends it where turns are short
   */
  constructor(allowance: number, isLight = false, isTimeUp: (() => boolean) | null = null) {
    this.isLight = isLight;
    this.#allowance = allowance;
    this.#isTimeUp = isTimeUp;
    this.#left = allowance;
    this.#looksAt = isTimeUp === null ? Number.NEGATIVE_INFINITY : allowance - unitsPerLook;
  }

  /** Whether it ended by time, and not by what it cost. */
  get ranOutOfTime(): boolean {
    return this.#ranOutOfTime;
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
    if (this.#left < this.#looksAt) this.#lookAtTime();
    // Not `< 0`, which is false for NaN.
    if (!(this.#left >= 0)) {
      this.#left = Number.NEGATIVE_INFINITY;
      throw new TooCostlyError();
    }
  }

  #lookAtTime(): void {
    this.#looksAt = this.#left - unitsPerLook;
    if (this.#left < 0 || !this.#isTimeUp?.()) return;
    this.#ranOutOfTime = true;
    this.#left = Number.NEGATIVE_INFINITY;
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
