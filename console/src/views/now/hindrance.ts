import { ProblemKind, ProblemSeverity, type QueueOverview } from "../../../../gen/sitq/v1/monitor_service_pb.js";

/** What hinders a queue. */
export interface Hindrance {
  readonly severity: "critical" | "warning" | "notice";
  /** It in two or three words. */
  readonly words: string;
}

const severities: Readonly<Partial<Record<ProblemSeverity, Hindrance["severity"]>>> = {
  [ProblemSeverity.CRITICAL]: "critical",
  [ProblemSeverity.WARNING]: "warning",
  [ProblemSeverity.NOTICE]: "notice",
};

const words: Readonly<Partial<Record<ProblemKind, string>>> = {
  [ProblemKind.QUEUE_FULL]: "full",
  [ProblemKind.QUEUE_NEARLY_FULL]: "nearly full",
  [ProblemKind.NO_WORKER]: "no worker",
  [ProblemKind.NO_HANDLER]: "no handler",
  [ProblemKind.PAUSED]: "paused",
  [ProblemKind.MAX_RUNNING]: "at its limit",
  [ProblemKind.LONG_WAIT]: "waits long",
  [ProblemKind.TASKS_FAILED]: "failures",
};

/** What hinders a queue, as the server says; `null`: nothing does. A queue that is paused and has nothing to do has no problem. */
export function hindranceOf({ problem, problemSeverity, paused }: QueueOverview): Hindrance | null {
  if (problem === ProblemKind.UNSPECIFIED) return paused ? { severity: "warning", words: "paused" } : null;
  return { severity: severities[problemSeverity] ?? "notice", words: words[problem] ?? "a problem" };
}

/** The order of the server: those with a problem first, then those with most to do. */
export function inOrder(queues: readonly QueueOverview[]): QueueOverview[] {
  return queues.toSorted((a, b) => a.orderKey - b.orderKey || (a.name < b.name ? -1 : 1));
}
