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
  "instances_draining",
  "calls_refused",
] as const;
export type ProblemKind = (typeof problemKinds)[number];

/** What has a problem. */
export interface ProblemSubject {
  readonly kind: "queue" | "service" | "subscription" | "workflow" | "worker";
  /** Its name or id. */
  readonly name: string;
}

/** Something that is wrong, without words. */
export interface Finding {
  readonly severity: Severity;
  readonly kind: ProblemKind;
  /** `null`: the server. */
  readonly subject: ProblemSubject | null;
  /** By the wall clock; `null`: it is not known. */
  readonly sinceMs: number | null;
  /** How many tasks, attempts, instances or calls it is about; 0: it is not about a number. */
  readonly count: number;
}

/** Something that is wrong in words. */
export interface Words {
  /** One sentence. */
  readonly message: string;
  /** What to type next; empty: nothing. */
  readonly command: string;
}

/** Something that is wrong. */
export interface Problem extends Finding, Words {
  /** How many subjects have it. Above 1: it stands for them together, and `subject` is `null`. */
  readonly subjectCount: number;
}

/** How bad something is, the lowest worst: by severity, then by kind. */
export function badness({ severity, kind }: Pick<Finding, "severity" | "kind">): number {
  return severities.indexOf(severity) * problemKinds.length + problemKinds.indexOf(kind);
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
