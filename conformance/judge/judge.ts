import { RealServer } from "./real-server.ts";
import { Broken, type Rule } from "./rule.ts";
import { Trial } from "./trial.ts";

/** What came of one rule with one program. */
export interface Verdict {
  readonly rule: Rule;
  /** What is wrong; `null`: the program keeps it. */
  readonly complaint: string | null;
  /** What was sent and received. */
  readonly transcript: readonly string[];
  /** The end of what the program wrote to standard error. */
  readonly errors: string;
}

/** How a program is judged. */
export interface JudgeOptions {
  readonly rules: readonly Rule[];
  /** How many rules are tried at a time. */
  readonly atATime: number;
  /** How long what a rule does not bound may take, in milliseconds. Default 15,000. */
  readonly patienceMs?: number;
  /** Called with each verdict as it is there. */
  readonly onVerdict?: (verdict: Verdict) => void;
}

/** The longest that one rule may take, in milliseconds. */
const mostMs = 180_000;

/** Tries rules with a program. Answers the verdicts in the order of the rules. */
export async function judge(
  command: readonly string[],
  { rules, atATime, patienceMs = 15_000, onVerdict }: JudgeOptions,
): Promise<readonly Verdict[]> {
  let real: Promise<RealServer> | null = null;
  const options = {
    command,
    patienceMs,
    real() {
      real ??= RealServer.start();
      return real;
    },
  };
  const verdicts = new Map<Rule, Verdict>();
  const waiting = rules.toSorted((a, b) => (b.seconds ?? 0) - (a.seconds ?? 0));
  const tryNext = async (): Promise<void> => {
    for (let rule = waiting.shift(); rule !== undefined; rule = waiting.shift()) {
      const verdict = await tryRule(rule, new Trial(options));
      verdicts.set(rule, verdict);
      onVerdict?.(verdict);
    }
  };
  try {
    await Promise.all(Array.from({ length: atATime }, tryNext));
  } finally {
    // One that did not start has failed the rules that wanted it.
    await (real as Promise<RealServer> | null)?.then(
      (server) => server.stop(),
      () => undefined,
    );
  }
  return rules.flatMap((rule) => verdicts.get(rule) ?? []);
}

async function tryRule(rule: Rule, trial: Trial): Promise<Verdict> {
  let complaint: string | null;
  let transcript: readonly string[] = [];
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Broken(`it takes longer than ${mostMs} ms`)), mostMs);
  try {
    await Promise.race([rule.run(trial), late]);
    complaint = trial.violation();
  } catch (error) {
    complaint = trial.violation() ?? (error instanceof Broken ? error.message : textOf(error));
  } finally {
    clearTimeout(timer);
    transcript = [...trial.transcript.lines];
    await trial.stop();
  }
  return { rule, complaint, transcript, errors: trial.errors };
}

/** A failure of the judge itself. */
function textOf(error: unknown): string {
  return `the judge fails: ${error instanceof Error ? (error.stack ?? error.message) : error}`;
}
