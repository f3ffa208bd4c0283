import {
  type Problem,
  ProblemKind,
  ProblemSeverity,
  type QueueOverview,
} from "../../../../gen/sitq/v1/monitor_service_pb.js";
import type { Severity } from "../../../../src/domain/monitor/problem.ts";
import { problemsFirstKey } from "../../../../src/domain/monitor/queue-order.ts";
import { SteadyKeys } from "../../../../src/monitor/steady-keys.ts";

/** What hinders a queue. */
export interface Hindrance {
  readonly severity: Severity;
  /** It in two or three words. */
  readonly words: string;
}

const full: Hindrance = { severity: "critical", words: "full" };
const noWorker: Hindrance = { severity: "critical", words: "no worker" };
const noHandler: Hindrance = { severity: "critical", words: "no handler" };
const nearlyFull: Hindrance = { severity: "warning", words: "nearly full" };
const paused: Hindrance = { severity: "warning", words: "paused" };
const atLimit: Hindrance = { severity: "notice", words: "at its limit" };

/**
 * What hinders a queue, by itself and by what is known to be wrong with it; `null`: nothing does.
 *
 * @param knowsWorkers whether it is known who works it, which a file does not say
 */
export function hindranceOf(
  queue: QueueOverview,
  problems: readonly Problem[] = [],
  knowsWorkers = true,
): Hindrance | null {
  if (problems.some(({ kind }) => kind === ProblemKind.QUEUE_FULL)) return full;
  if (queue.paused) return paused;
  return (
    waitHindranceOf(queue, knowsWorkers) ??
    (problems.some(({ kind }) => kind === ProblemKind.QUEUE_NEARLY_FULL) ? nearlyFull : null)
  );
}

function waitHindranceOf(
  { statistics, maxRunning, finishRate }: QueueOverview,
  knowsWorkers: boolean,
): Hindrance | null {
  if (statistics === undefined || statistics.pending === 0n) return null;
  // Callers of ClaimTasks have no stream: where tasks are finished, there are workers.
  if (knowsWorkers && statistics.workers === 0 && finishRate === 0) return noWorker;
  if (knowsWorkers && statistics.unhandledTypes.length > 0) return noHandler;
  return maxRunning > 0 && statistics.running >= BigInt(maxRunning) ? atLimit : null;
}

/** What is wrong with queues, by their names. */
export type QueueProblems = ReadonlyMap<string, readonly Problem[]>;

/** Finds what is wrong with queues. */
export function problemsByQueue(problems: readonly Problem[]): QueueProblems {
  const ofQueues = problems.filter(({ subject }) => subject.case === "queue");
  return Map.groupBy(ofQueues, ({ subject }) => subject.value ?? "");
}

const severityWords: Readonly<Record<number, Severity>> = {
  [ProblemSeverity.CRITICAL]: "critical",
  [ProblemSeverity.WARNING]: "warning",
  [ProblemSeverity.NOTICE]: "notice",
};

/**
 * Puts queues in the server's order: those with a problem first, the worst before the others, then by how much there is to do. A row goes
 * up at once and down ten seconds later, so that rows stand still while one reads or reaches for a button.
 */
export class RowOrder {
  readonly #steady = new SteadyKeys();
  #keys = new Map<string, number>();

  /** Puts them in order, as of a time in milliseconds. */
  inOrder(queues: Iterable<QueueOverview>, problems: QueueProblems, nowMs: number): QueueOverview[] {
    const keys = new Map<string, number>();
    const ranked = Array.from(queues, (queue) => {
      const before = this.#keys.get(queue.name) ?? null;
      const key = this.#steady.of(queue.name, before, keyOf(queue, problems.get(queue.name) ?? []), nowMs);
      keys.set(queue.name, key);
      return { queue, key };
    });
    this.#keys = keys;
    ranked.sort((a, b) => a.key - b.key || (a.queue.name < b.queue.name ? -1 : 1));
    return ranked.map(({ queue }) => queue);
  }
}

function keyOf(queue: QueueOverview, problems: readonly Problem[]): number {
  const { statistics, finishRate } = queue;
  const counts = { pending: Number(statistics?.pending ?? 0n), running: Number(statistics?.running ?? 0n) };
  // What is wrong comes worst first.
  const known = severityWords[problems[0]?.severity ?? ProblemSeverity.UNSPECIFIED];
  return problemsFirstKey(known ?? ownSeverityOf(queue), { counts }, finishRate);
}

/** Only the first problems of each kind are told one by one. A queue that is paused and has nothing to do has none. */
function ownSeverityOf(queue: QueueOverview): Severity | null {
  const isIdle = (queue.statistics?.pending ?? 0n) === 0n;
  return isIdle ? null : (hindranceOf(queue)?.severity ?? null);
}
