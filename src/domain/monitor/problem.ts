/** How bad a problem is, worst first. */
export const severities = ["critical", "warning", "notice"] as const;
export type Severity = (typeof severities)[number];

/** What a problem is, in the order in which problems of one severity are shown. */
export const problemKinds = [
  "disk_low",
  "data_damaged",
  "server_draining",
  "certificate_expiring",
  "queue_full",
  "no_worker",
  "no_handler",
  "long_wait",
  "compensation_failed",
  "queue_nearly_full",
  "paused",
  "max_running",
  "tasks_failed",
  "worker_lost",
  "worker_silent",
  "worker_draining",
  "subscription_behind",
  "subscription_paused",
  "workflow_failed",
  "workflow_stuck",
  "instances_unhealthy",
  "calls_refused",
] as const;
export type ProblemKind = (typeof problemKinds)[number];

/** What has a problem. */
export interface ProblemSubject {
  readonly kind: "queue" | "service" | "subscription" | "workflow" | "worker";
  /** Its name or id. */
  readonly name: string;
}

/** Something that is wrong. */
export interface Problem {
  readonly severity: Severity;
  readonly kind: ProblemKind;
  /** `null`: the server, or several together. */
  readonly subject: ProblemSubject | null;
  /** It in one sentence. */
  readonly message: string;
  /** By the wall clock; `null`: it is not known. */
  readonly sinceMs: number | null;
  /** How many tasks, attempts, instances or calls it is about; 0: it is not about a number. */
  readonly count: number;
  /** What to type next; empty: nothing. */
  readonly command: string;
  /** How many subjects have it. */
  readonly subjectCount: number;
}

/** How many problems of one kind are listed one by one. */
const mostOfKind = 20;

/**
 * Puts problems in order, worst first, and those of one kind together that are too many. There may be one for each queue: only those of
 * one kind are compared with each other.
 */
export function inOrder(problems: readonly Problem[]): Problem[] {
  const groups = Map.groupBy(
    problems,
    ({ severity, kind }) => severities.indexOf(severity) * problemKinds.length + problemKinds.indexOf(kind),
  );
  const worstFirst = [...groups].sort(([a], [b]) => a - b);
  return worstFirst.flatMap(([, group]) => {
    group.sort(longestFirst);
    const [first, ...others] = group.slice(mostOfKind);
    if (first === undefined) return group;
    return [...group.slice(0, mostOfKind), others.length === 0 ? first : together([first, ...others])];
  });
}

function longestFirst(a: Problem, b: Problem): number {
  const [aMs, bMs] = [a.sinceMs ?? Number.MAX_SAFE_INTEGER, b.sinceMs ?? Number.MAX_SAFE_INTEGER];
  if (aMs !== bMs) return aMs - bMs;
  if (a.count !== b.count) return b.count - a.count;
  return (a.subject?.name ?? "") < (b.subject?.name ?? "") ? -1 : 1;
}

function together(problems: readonly [Problem, ...Problem[]]): Problem {
  const [first] = problems;
  const count = problems.reduce((sum, problem) => sum + problem.count, 0);
  return {
    ...first,
    subject: null,
    message: `${counted(problems.length, `further ${pluralOf(first)}`)} the same problem: ${first.message}`,
    count,
    command: listCommands[first.subject?.kind ?? "queue"],
    subjectCount: problems.length,
  };
}

const listCommands: Readonly<Record<ProblemSubject["kind"], string>> = {
  queue: "sitq queues",
  service: "sitq services",
  subscription: "sitq subscriptions",
  workflow: "sitq workflows",
  worker: "sitq workers",
};

function pluralOf({ subject }: Problem): string {
  return `${subject?.kind ?? "subject"}s have`;
}

/** A number with what it counts. */
export function counted(n: number, what: string): string {
  return `${n.toLocaleString("en-US")} ${what}`;
}

/** A number of tasks with the verb that follows: `1 task waits`, `2 tasks wait`. */
export function tasksThat(n: number, verb: string): string {
  return n === 1 ? `1 task ${verb}s` : counted(n, `tasks ${verb}`);
}

/** A span in words: `40 seconds`, `3 hours`. */
export function spanText(ms: number): string {
  const units = [
    ["day", 86_400_000],
    ["hour", 3_600_000],
    ["minute", 60_000],
    ["second", 1_000],
  ] as const;
  const [name, unitMs] = units.find(([, unitMs]) => ms >= unitMs) ?? ["second", 1_000];
  const n = Math.floor(ms / unitMs);
  return `${n} ${name}${n === 1 ? "" : "s"}`;
}

/** A name as an argument of a command. */
export function argument(name: string): string {
  return /^[A-Za-z0-9._\-:/@+=]+$/.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`;
}
