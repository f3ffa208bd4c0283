import type { Settlement } from "../../../domain/tasks/outcome.ts";
import type { ClaimAnswer, ClaimPlan } from "../../claim-plan.ts";
import type { QueueTable } from "./queue-table.ts";
import type { EngineVerb, EngineVerbs } from "./set-verbs.ts";

/** A call that is not answered yet. */
export interface Call extends PromiseWithResolvers<unknown> {
  readonly verb: EngineVerb;
  readonly args: readonly unknown[];
}

/** Calls of one verb that run together. */
export type Run = readonly [Call, ...Call[]];

/** How many attempts calls end. */
export function endsOf(...calls: readonly Call[]): number {
  return sum(
    calls.map(({ verb, args: [settlements] }) => (verb === "settle" ? (settlements as readonly unknown[]).length : 0)),
  );
}

/** How many attempts calls have begun, by their answers. */
export function beginsOf(answers: ReadonlyMap<Call, unknown>): number {
  return sum([...answers].map(([{ verb }, answer]) => (verb === "claim" ? (answer as ClaimAnswer).tasks.length : 0)));
}

/** Whether calls have begun what belongs to a workflow or a subscription, by their answers. */
export function beginsForOthers(answers: ReadonlyMap<Call, unknown>): boolean {
  return [...answers].some(
    ([{ verb }, answer]) => verb === "claim" && (answer as ClaimAnswer).tasks.some(({ origin }) => origin !== null),
  );
}

/**
 * Whether claims need not wait for what the run before them answers: it completes tasks and does nothing else to what they look at, and no count of
 * running tasks bounds them.
 *
 * @param queues as the open transaction has them
 */
export function areAhead(run: Run, claims: Run | undefined, queues: Pick<QueueTable, "named">): boolean {
  if (run[0].verb !== "settle" || claims?.[0].verb !== "claim") return false;
  const isPlain = run.every(({ args: [settlements] }) =>
    (settlements as readonly Settlement[]).every(({ outcome }) => outcome.kind === "completed"),
  );
  return (
    isPlain && claims.every(({ args: [plan] }) => queues.named((plan as ClaimPlan).queue)?.settings.maxRunning === 0)
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}

/** Calls that the ends of attempts may go ahead of. */
const besideEnds: ReadonlySet<EngineVerb> = new Set<EngineVerb>(["settle", "enqueue", "claim"]);

/**
 * The calls cut into runs of one verb. They are in their order, but for ends of attempts that come among claims and new tasks: those go
 * first, together. Workers that are busy end and claim by turns, and otherwise no two of them would share a statement.
 */
export function runsOf(calls: readonly Call[]): [Call, ...Call[]][] {
  const runs: [Call, ...Call[]][] = [];
  /** Where the ends of attempts go that come now; `null`: behind what is there. */
  let ends: number | null = null;
  for (const call of calls) {
    if (!besideEnds.has(call.verb)) ends = null;
    else ends ??= runs.length;
    const place = call.verb === "settle" ? (ends ?? runs.length) : runs.length - 1;
    const run = runs[place];
    if (run?.[0].verb === call.verb) run.push(call);
    else runs.splice(call.verb === "settle" ? place : runs.length, 0, [call]);
  }
  return runs;
}

/**
 * Runs calls of one verb.
 *
 * @param endedMs the latest time of the ends of attempts before. Claims that they went ahead of are made then: nothing begins before that
 *   has ended which it waited for
 */
export async function answersOf(
  { single, together, adopting }: EngineVerbs,
  calls: Run,
  endedMs: number,
): Promise<unknown[]> {
  const [{ verb }] = calls;
  const all = (together as Record<string, unknown>)[verb] as
    | ((calls: readonly (readonly unknown[])[]) => Promise<unknown[]>)
    | undefined;
  if (verb === "claim" && all !== undefined)
    return all(calls.map(({ args: [plan, nowMs] }) => [plan, Math.max(Number(nowMs), endedMs)]));
  if (all !== undefined) return all(calls.map(({ args }) => args));
  const one = { ...single, ...adopting }[verb] as ((...args: readonly unknown[]) => Promise<unknown>) | undefined;
  if (one === undefined) throw new Error(`no verb ${verb}`);
  const answers: unknown[] = [];
  for (const { args } of calls) answers.push(await one(...args));
  return answers;
}
