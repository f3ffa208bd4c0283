/** The calls of a server, as means over about the last five seconds. */
export interface CallRates {
  /** How many were under way at a time. */
  readonly underWay: number;
  /** How many began in a second. */
  readonly perSecond: number;
  /** How many failed in a second. */
  readonly failedPerSecond: number;
}

/** How long a call counts, in milliseconds: after so long to 37 %, after thrice as long to 5 %. */
const memoryMs = 5_000;

/**
 * Counts the calls of a server. Its means forget exponentially, all alike: of one who divides one by another they are right from the first
 * call on, however short the calls and however rarely they are read.
 */
export class CallMeter {
  readonly #nowMs: () => number;
  #underWay = 0;
  #meanUnderWay = 0;
  /** How many began and failed, each counting the less the older it is. */
  #begun = 0;
  #failed = 0;
  #asOfMs: number;

  /** @param nowMs a clock that never goes back */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
    this.#asOfMs = nowMs();
  }

  /** How many are under way now. */
  get underWay(): number {
    return this.#underWay;
  }

  begin(): void {
    this.#forget();
    this.#underWay++;
    this.#begun++;
  }

  /** @param hasFailed whether the server is to blame */
  end(hasFailed: boolean): void {
    this.#forget();
    this.#underWay--;
    if (hasFailed) this.#failed++;
  }

  read(): CallRates {
    this.#forget();
    const inASecond = 1_000 / memoryMs;
    return {
      underWay: this.#meanUnderWay,
      perSecond: this.#begun * inASecond,
      failedPerSecond: this.#failed * inASecond,
    };
  }

  /** Brings the means to now. */
  #forget(): void {
    const nowMs = this.#nowMs();
    const kept = Math.exp(-(nowMs - this.#asOfMs) / memoryMs);
    this.#asOfMs = nowMs;
    this.#meanUnderWay = this.#underWay + (this.#meanUnderWay - this.#underWay) * kept;
    this.#begun *= kept;
    this.#failed *= kept;
  }
}
