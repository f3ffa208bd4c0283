import { badness, counted, type Finding, type Problem, type ProblemSubject, type Words } from "./problem.ts";

/** How many problems of one kind are listed one by one. */
const mostOfKind = 20;

/** A finding with the maker of its words. */
interface Entry {
  readonly finding: Finding;
  readonly words: (nowMs: number) => Words;
}

/** All findings of one severity and kind. */
interface Group {
  /** Those that are shown, in order, and one more that speaks for all others. */
  readonly first: Entry[];
  /** Of all of them. */
  size: number;
  count: number;
}

/**
 * Collects what is wrong. There may be something for each of thousands of queues: only those that are shown are put in order and into
 * words.
 */
export class ProblemList {
  readonly #groups = new Map<number, Group>();

  /** Adds a finding. @param words says it, at a time by the wall clock; called only if it is shown */
  add(finding: Finding, words: (nowMs: number) => Words): void {
    const key = badness(finding);
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { first: [], size: 0, count: 0 };
      this.#groups.set(key, group);
    }
    group.size++;
    group.count += finding.count;
    const { first } = group;
    const last = first[mostOfKind];
    if (last !== undefined && longestFirst(last.finding, finding) <= 0) return;
    const at = first.findIndex((entry) => longestFirst(finding, entry.finding) < 0);
    first.splice(at === -1 ? first.length : at, 0, { finding, words });
    if (first.length > mostOfKind + 1) first.pop();
  }

  /** What was found, by how bad it is. */
  groups(): Iterable<readonly [badness: number, group: Group]> {
    return this.#groups;
  }
}

/** The problems of lists that have no kind in common: worst first, and those of one kind together that are too many. */
export function worstFirst(lists: readonly ProblemList[], nowMs: number): Problem[] {
  const groups = lists.flatMap((list) => [...list.groups()]).sort(([a], [b]) => a - b);
  return groups.flatMap(([, group]) => problemsOf(group, nowMs));
}

function problemsOf({ first, size, count }: Group, nowMs: number): Problem[] {
  const problems = first.map(({ finding, words }) => ({ ...finding, ...words(nowMs), subjectCount: 1 }));
  const next = problems[mostOfKind];
  const others = size - mostOfKind;
  if (next === undefined || others === 1) return problems;
  const shown = problems.slice(0, mostOfKind);
  const restCount = shown.reduce((rest, problem) => rest - problem.count, count);
  return [...shown, together(next, others, restCount)];
}

function longestFirst(a: Finding, b: Finding): number {
  const [aMs, bMs] = [a.sinceMs ?? Number.MAX_SAFE_INTEGER, b.sinceMs ?? Number.MAX_SAFE_INTEGER];
  if (aMs !== bMs) return aMs - bMs;
  if (a.count !== b.count) return b.count - a.count;
  return (a.subject?.name ?? "") < (b.subject?.name ?? "") ? -1 : 1;
}

/** Several problems of one kind as one. @param first the first of them */
function together(first: Problem, subjectCount: number, count: number): Problem {
  const kind = first.subject?.kind;
  return {
    ...first,
    subject: null,
    message: `${counted(subjectCount, `further ${kind ?? "subject"}s have`)} the same problem: ${first.message}`,
    count,
    command: listCommands[kind ?? "queue"],
    subjectCount,
  };
}

const listCommands: Readonly<Record<ProblemSubject["kind"], string>> = {
  queue: "sitq queues",
  service: "sitq services",
  subscription: "sitq subscriptions",
  workflow: "sitq workflows",
  worker: "sitq workers",
};
