/** How long a measurement goes on, and what it warms up with. */
export interface Pace {
  readonly warmUpMs: number;
  readonly roundMs: number;
}

/** The pace of cases that go on for a time. */
export function paceOf(quick: boolean): Pace {
  return quick ? { warmUpMs: 300, roundMs: 300 } : { warmUpMs: 3_000, roundMs: 5_000 };
}

/**
 * Keeps a number of calls in flight, each lane one after the other, and measures how many end in a second, round by round.
 * The lanes run through: between the rounds nothing stands still.
 *
 * @param onRound called when a round begins; what it answers is told at the round's end how many calls ended in it
 * @returns calls a second, for each round
 */
export async function measureInFlight(
  lanes: number,
  call: () => Promise<unknown>,
  rounds: number,
  { warmUpMs, roundMs }: Pace,
  onRound: () => (calls: number) => void = () => () => undefined,
): Promise<number[]> {
  let ended = 0;
  let stopped = false;
  async function lane(): Promise<void> {
    while (!stopped) {
      await call();
      ended++;
    }
  }
  const running = Promise.all(Array.from({ length: lanes }, lane));
  // A call that fails ends the measurement.
  const wait = (ms: number) => Promise.race([running, new Promise((resolve) => setTimeout(resolve, ms))]);

  await wait(warmUpMs);
  const rates: number[] = [];
  while (rates.length < rounds) {
    const [endedBefore, beganMs, endRound] = [ended, performance.now(), onRound()];
    await wait(roundMs);
    rates.push(((ended - endedBefore) / (performance.now() - beganMs)) * 1_000);
    endRound(ended - endedBefore);
  }
  stopped = true;
  await running;
  return rates;
}
