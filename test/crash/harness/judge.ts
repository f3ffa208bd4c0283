import { timestampDate } from "@bufbuild/protobuf/wkt";
import { AttemptOutcome, type Task, type TaskAttempt, TaskState } from "../../../gen/sitq/v1/task_pb.js";
import type { EnqueueRecord, HandOut, History, OutcomeRecord } from "./history.ts";

/** What is left when everything has healed. */
export interface Remains {
  /** Every task that a listing shows. */
  readonly listed: readonly Task[];
  /** Those of them that GetTask shows, whole, by id. */
  readonly read: ReadonlyMap<string, Task>;
}

/** What became of a run. Everything but `recovered` and `counts` must be nothing. */
export interface Verdict {
  /** Acknowledged, and not there or not finished; and outcomes that were settled and are not there. */
  readonly lost: readonly string[];
  /** There, and nobody asked for it; and answers that must not be. */
  readonly unexpected: readonly string[];
  /** Done twice: a request id with two tasks, an attempt with two ends. */
  readonly duplicated: readonly string[];
  /** Stored, and nobody was told until the call was repeated. */
  readonly recovered: number;
  /** How much there was to judge. */
  readonly counts: Readonly<Record<string, number>>;
}

/**
 * Compares what the clients were told with what is left.
 *
 * @param storesHandOutsFirst no crash may forget a hand-out
 */
export function judge(
  history: History,
  remains: Remains,
  { storesHandOutsFirst }: { readonly storesHandOutsFirst: boolean },
): Verdict {
  const lost: string[] = [];
  const unexpected = [...history.unexpected];
  const duplicated: string[] = [];
  const enqueues = [...history.enqueues.values()];
  const byTask = new Map(enqueues.flatMap((record) => record.taskIds.map((id) => [id, record] as const)));
  const listed = new Map(remains.listed.map((task) => [task.id, task]));

  const byRequest = Map.groupBy(remains.listed, (task) => task.requestId);
  for (const [requestId, tasks] of byRequest) {
    if (tasks.length > 1) duplicated.push(`${requestId}: tasks ${tasks.map(({ id }) => id).join(", ")}`);
    if (!history.enqueues.has(requestId)) unexpected.push(`task of ${requestId}, which nobody enqueued`);
  }
  for (const { requestId, taskIds } of enqueues) {
    if (new Set(taskIds).size > 1) duplicated.push(`${requestId}: answered with ${[...new Set(taskIds)].join(", ")}`);
    for (const id of new Set(taskIds)) if (!listed.has(id)) lost.push(`${requestId}: task ${id} is not listed`);
  }
  for (const id of listed.keys()) if (!byTask.has(id)) unexpected.push(`task ${id}, which was never answered`);

  const cancelled = new Set(history.cancels.filter(({ answer }) => answer === "cancelled").map(({ taskId }) => taskId));
  const callingOff = new Set(history.cancels.map(({ taskId }) => taskId));
  const firstHandOuts = new Map(history.handOuts.toReversed().map((handOut) => [nameOfLease(handOut), handOut]));
  /** Handed out before a kill: it may have been too young to be on the disk, and its number another worker's since. */
  const mayBeForgotten = (record: OutcomeRecord) =>
    !storesHandOutsFirst && (firstHandOuts.get(nameOfLease(record))?.kills ?? 0) < record.killsWhenStale;
  const outcomesByTask = Map.groupBy(history.outcomes, ({ taskId }) => taskId);

  for (const [id, record] of byTask) {
    const task = remains.read.get(id);
    if (task === undefined) {
      lost.push(`${record.requestId}: task ${id} cannot be read`);
      continue;
    }
    const outcomes = outcomesByTask.get(id) ?? [];
    judgeEnd(task, record, callingOff.has(id), { lost, unexpected });
    if (cancelled.has(id) && task.state !== TaskState.CANCELLED) lost.push(`${id}: its cancellation`);
    unexpected.push(...brokenAttempts(task));
    judgeOutcomes(task, outcomes, mayBeForgotten, { lost, unexpected, duplicated });
  }

  const ended = [...remains.read.values()].flatMap(({ attempts }) => attempts);
  const counts = {
    tasks: remains.listed.length,
    answers: enqueues.reduce((sum, { taskIds }) => sum + taskIds.length, 0),
    tries: enqueues.reduce((sum, { tries }) => sum + tries, 0),
    handOuts: history.handOuts.length,
    outcomes: history.outcomes.length,
    stale: history.outcomes.filter(({ answers }) => answers.includes("stale")).length,
    forgotten: history.outcomes.filter((record) => record.answers.includes("stale") && mayBeForgotten(record)).length,
    forged: history.outcomes.filter(({ isForged, answers }) => isForged && answers.length > 0).length,
    cancels: history.cancels.length,
    leasesLost: ended.filter(({ outcome }) => outcome === AttemptOutcome.LEASE_LOST).length,
    releases: ended.filter(({ outcome }) => outcome === AttemptOutcome.RELEASED).length,
  };
  return { lost, unexpected, duplicated, recovered: enqueues.filter(({ recovered }) => recovered).length, counts };
}

function nameOfLease({ taskId, attempt, workerId }: Pick<HandOut, "taskId" | "attempt" | "workerId">): string {
  return `${taskId}/${attempt}/${workerId}`;
}

interface Complaints {
  readonly lost: string[];
  readonly unexpected: string[];
}

/** When a task that waits is due, and when it was last given back. */
function dueWords({ scheduleTime, attempts }: Task): string {
  const due = scheduleTime === undefined ? "not due" : `due ${timestampDate(scheduleTime).toISOString()}`;
  const last = attempts.at(-1)?.finishTime;
  return last === undefined ? due : `${due}, put off ${timestampDate(last).toISOString()},`;
}

/** The end that the fate of a task allows. */
function judgeEnd(
  task: Task,
  { fate, maxAttempts, requestId, queue }: EnqueueRecord,
  isCalledOff: boolean,
  { lost, unexpected }: Complaints,
): void {
  const state = TaskState[task.state];
  if (task.requestId !== requestId || task.queue !== queue || task.type !== fate) {
    unexpected.push(
      `${task.id}: ${task.queue} ${task.type} ${task.requestId} instead of ${queue} ${fate} ${requestId}`,
    );
  }
  const isFinished = [TaskState.COMPLETED, TaskState.FAILED, TaskState.CANCELLED].includes(task.state);
  if (!isFinished)
    lost.push(`${task.id}: it is ${state} for ever, ${dueWords(task)} after ${task.attempts.length} attempts`);
  else if (task.finishTime === undefined) unexpected.push(`${task.id}: ${state} without a finish time`);
  if (task.state === TaskState.CANCELLED) {
    if (!isCalledOff) unexpected.push(`${task.id}: cancelled by nobody`);
    return;
  }
  if (!isFinished) return;
  const wanted = fate === "exhaust" || fate === "fail-for-good" ? TaskState.FAILED : TaskState.COMPLETED;
  if (task.state !== wanted) unexpected.push(`${task.id}: ${state}, and its fate is ${fate}`);
  if (fate === "exhaust" && task.attempt !== maxAttempts) {
    unexpected.push(`${task.id}: failed after ${task.attempt} attempts of ${maxAttempts}`);
  }
}

/** The rules of attempts: each has the next number, or the same one after a release; what ended the task comes last. */
function brokenAttempts(task: Task): string[] {
  const broken: string[] = [];
  let next = 1;
  task.attempts.forEach(({ attempt, outcome, finishTime }, index) => {
    const isLast = index === task.attempts.length - 1;
    if (attempt !== next) broken.push(`${task.id}: attempt ${attempt} after ${next - 1}`);
    if (outcome === AttemptOutcome.COMPLETED && !isLast) broken.push(`${task.id}: attempts after it completed`);
    if (outcome === AttemptOutcome.CANCELLED && !isLast) broken.push(`${task.id}: attempts after it was cancelled`);
    if (finishTime === undefined) broken.push(`${task.id}: attempt ${attempt} never ended`);
    next = outcome === AttemptOutcome.RELEASED ? attempt : attempt + 1;
  });
  const last = task.attempts.at(-1)?.outcome;
  if (task.attempt !== next - 1) broken.push(`${task.id}: attempt is ${task.attempt}, the attempts say ${next - 1}`);
  if ((task.state === TaskState.COMPLETED) !== (last === AttemptOutcome.COMPLETED)) {
    broken.push(`${task.id}: ${TaskState[task.state]} after ${AttemptOutcome[last ?? 0]}`);
  }
  return broken;
}

const outcomeOf = {
  completed: AttemptOutcome.COMPLETED,
  failed: AttemptOutcome.FAILED,
  released: AttemptOutcome.RELEASED,
} as const;

/** How an attempt can end without its worker's word, so that the word comes too late. */
const overtaken = new Set<AttemptOutcome>([AttemptOutcome.LEASE_LOST, AttemptOutcome.CANCELLED]);

/** Each settled outcome is what the task shows, each stale one is not, and what the task shows is what a worker said. */
function judgeOutcomes(
  task: Task,
  outcomes: readonly OutcomeRecord[],
  mayBeForgotten: (record: OutcomeRecord) => boolean,
  { lost, unexpected, duplicated }: Complaints & { readonly duplicated: string[] },
): void {
  const nameOf = ({ nonce, kind }: OutcomeRecord) => `${nonce} ${kind}`;
  for (const record of outcomes) {
    const { kind, workerId, attempt, nonce, isForged, answers } = record;
    if (isForged) {
      if (answers.includes("settled")) duplicated.push(`${nameOf(record)}: forged, and taken`);
      continue;
    }
    const shown = task.attempts.filter((each) => each.attempt === attempt && each.workerId === workerId);
    const applied = shown.some((each) => each.outcome === outcomeOf[kind] && nonceOf(task, each, nonce));
    if (new Set(answers).size > 1) unexpected.push(`${nameOf(record)}: answered in two ways`);
    if (answers.includes("settled") && !applied) lost.push(`${nameOf(record)}: settled, and ${show(shown)} is shown`);
    if (answers.includes("stale") && applied) unexpected.push(`${nameOf(record)}: stale, and applied`);
    const isExplained = shown.some(({ outcome }) => overtaken.has(outcome)) || mayBeForgotten(record);
    if (answers.includes("stale") && !isExplained) {
      unexpected.push(`${nameOf(record)}: stale without a reason: ${show(shown)}`);
    }
  }
  const settled = outcomes.filter(
    ({ kind, answers, isForged }) => kind !== "released" && answers.includes("settled") && !isForged,
  );
  for (const [attempt, records] of Map.groupBy(settled, (record) => record.attempt)) {
    if (records.length > 1) duplicated.push(`${task.id}/${attempt}: ${records.map(nameOf).join(", ")}`);
  }
  for (const each of task.attempts) {
    if (each.outcome !== AttemptOutcome.COMPLETED && each.outcome !== AttemptOutcome.FAILED) continue;
    const kind = each.outcome === AttemptOutcome.COMPLETED ? "completed" : "failed";
    const told = outcomes.some(
      (record) =>
        !record.isForged &&
        record.kind === kind &&
        record.attempt === each.attempt &&
        record.workerId === each.workerId,
    );
    if (!told) unexpected.push(`${task.id}/${each.attempt}: ${kind}, which no worker said`);
  }
}

/** Whether an ended attempt shows this very outcome. */
function nonceOf(task: Task, { outcome, error }: TaskAttempt, nonce: string): boolean {
  switch (outcome) {
    case AttemptOutcome.COMPLETED: {
      const kind = task.result?.kind;
      return kind?.case === "binary" && new TextDecoder().decode(kind.value) === nonce;
    }
    case AttemptOutcome.FAILED:
      return error?.message === nonce;
    default:
      return true;
  }
}

function show(attempts: readonly TaskAttempt[]): string {
  return attempts.map(({ attempt, outcome }) => `${attempt} ${AttemptOutcome[outcome]}`).join(", ") || "nothing";
}
