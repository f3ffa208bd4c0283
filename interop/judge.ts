import type { Behaviour } from "./behaviours/behaviour.ts";
import { behaviours } from "./behaviours/behaviours.ts";
import type { Client } from "./clients.ts";
import { Scene } from "./trial/scene.ts";
import type { Security } from "./trial/security.ts";
import { Late, Miss, Trial } from "./trial/trial.ts";

/** What came of one behaviour with one client. */
export interface Verdict {
  readonly client: Client;
  readonly security: Security;
  readonly behaviour: Behaviour;
  /** Why it is not so; `null`: it is. */
  readonly complaint: string | null;
  /** What was measured. */
  readonly measured: readonly string[];
  /** The end of what the program wrote to standard error. */
  readonly errors: string;
}

/** What is tried of a client. */
export interface JudgeOptions {
  /** Only these behaviours. Empty: all. */
  readonly only: readonly string[];
  readonly onVerdict: (verdict: Verdict) => void;
}

/** Tries a client: every behaviour in plaintext, every one over TLS with a certificate, one call with a token. */
export async function judge(client: Client, options: JudgeOptions): Promise<readonly Verdict[]> {
  const chosen = behaviours.filter(({ id }) => options.only.length === 0 || options.only.includes(id));
  const first = behaviours.slice(0, 1);
  const overTls = client.deviations.tls === undefined ? chosen : first;
  const plain = await judgeWith(client, "plaintext", chosen, options);
  const secured = await judgeWith(client, "certificate", overTls, options);
  const withToken = await judgeWith(client, "token", first, options);
  return [...plain, ...secured, ...withToken];
}

async function judgeWith(
  client: Client,
  security: Security,
  chosen: readonly Behaviour[],
  { onVerdict }: JudgeOptions,
): Promise<readonly Verdict[]> {
  await using scene = await Scene.set({ ...client, security });
  await warmUp(scene);
  const verdicts: Verdict[] = [];
  for (const behaviour of chosen) {
    const measured: string[] = [];
    let problem = await problemOf(behaviour, scene, measured);
    if (problem instanceof Late) {
      // A machine that was busy for a second is no fault of the client.
      measured.push(`late once: ${problem.message}`);
      problem = await problemOf(behaviour, scene, measured);
    }
    const complaint = problem === null ? null : problem instanceof Miss ? problem.message : String(problem);
    const verdict = { client, security, behaviour, complaint, measured, errors: scene.program.errors };
    onVerdict(verdict);
    verdicts.push(verdict);
    // What went wrong is not to go on in what is tried next.
    if (complaint === null) continue;
    await scene.restartProgram();
    await warmUp(scene);
  }
  return verdicts;
}

/** Tries a behaviour. Answers what is wrong; `null`: nothing. */
async function problemOf(behaviour: Behaviour, scene: Scene, measured: string[]): Promise<unknown> {
  const trial = new Trial(scene, (text) => measured.push(text));
  try {
    await behaviour.run(trial);
    return null;
  } catch (error) {
    return error;
  } finally {
    await trial.end();
  }
}

async function warmUp(scene: Scene): Promise<void> {
  const trial = new Trial(scene, () => undefined);
  try {
    await trial.warmUp();
  } finally {
    await trial.end();
  }
}
