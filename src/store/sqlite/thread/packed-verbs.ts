/** The busiest verbs, in the form in which their records go from thread to thread: the one place that lists their fields. */

import type { Settlement, UncompletedOutcome } from "../../../domain/tasks/outcome.ts";
import type { ClaimedTask, NewTask } from "../../../domain/tasks/task.ts";
import type { ClaimAnswer } from "../../claim-plan.ts";
import type { StoreVerbs } from "../../store.ts";
import type { CreatedTask, EnqueueAnswer, SettleAnswer } from "../../task-store.ts";
import type { VerbName, Verbs } from "../engine/verb.ts";
import { bytes, type PackedRecords, type Packing, packingOf } from "./packed-records.ts";

const newTasks = packingOf<NewTask>({
  queue: null,
  type: null,
  payload: bytes,
  headers: null,
  priority: 0,
  scheduleMs: null,
  delayMs: null,
  expireMs: null,
  timeToLiveMs: null,
  maxAttempts: null,
  retryPolicy: null,
  attemptTimeoutMs: null,
  correlationId: null,
  sourceService: null,
  deduplicationKey: null,
  duplicatePolicy: "refuse",
  requestId: null,
  dispatch: null,
  rerunOf: null,
});

const createdTasks = packingOf<CreatedTask>({
  id: null,
  state: "pending",
  maxAttempts: null,
  scheduleMs: null,
  expireMs: null,
  createMs: null,
});

const claimedTasks = packingOf<ClaimedTask>({
  id: null,
  queue: null,
  type: null,
  payload: bytes,
  headers: null,
  priority: 0,
  attempt: 1,
  maxAttempts: null,
  attemptTimeoutMs: null,
  expireMs: null,
  correlationId: null,
  sourceService: null,
  origin: null,
  event: null,
  step: null,
  createMs: null,
  workerId: null,
});

/** A settlement; without an `outcome` the attempt completed with the result. */
interface FlatSettlement extends Omit<Settlement, "outcome"> {
  readonly outcome: UncompletedOutcome | null;
  readonly result: Uint8Array | null;
  readonly traceparent: string | null;
}

const settlements = packingOf<FlatSettlement>({
  taskId: null,
  attempt: 1,
  workerId: null,
  leaseKind: "stream",
  outcome: null,
  result: bytes,
  traceparent: null,
});

type SettledAnswer = Extract<SettleAnswer, { status: "settled" }>;

const settledAnswers = packingOf<SettledAnswer>({
  status: "settled",
  queue: null,
  state: "completed",
  scheduleMs: null,
});

// Name by name: with the rest of an object copied a settlement takes 0.4 µs there and back, in place of 0.3.
function flat({ taskId, attempt, workerId, leaseKind, outcome }: Settlement): FlatSettlement {
  const isCompleted = outcome.kind === "completed";
  return {
    taskId,
    attempt,
    workerId,
    leaseKind,
    outcome: isCompleted ? null : outcome,
    result: isCompleted ? outcome.result : null,
    traceparent: isCompleted ? (outcome.traceparent ?? null) : null,
  };
}

function whole({ taskId, attempt, workerId, leaseKind, outcome, result, traceparent }: FlatSettlement): Settlement {
  return { taskId, attempt, workerId, leaseKind, outcome: outcome ?? { kind: "completed", result, traceparent } };
}

/** Answers of which one kind is usual: its records, and all others in their places, between `null` for each of the usual ones. */
interface Mixed<Answer> {
  readonly usual: PackedRecords;
  readonly others: readonly (Answer | null)[];
}

function mostly<Answer, Item>(
  items: Packing<readonly Item[], PackedRecords>,
  itemOf: (answer: Answer) => Item | null,
  answerOf: (item: Item) => Answer,
): Packing<Answer[], PackedRecords | Mixed<Answer>> {
  return {
    pack(answers) {
      const usual: Item[] = [];
      const others = answers.map((answer) => {
        const item = itemOf(answer);
        if (item !== null) usual.push(item);
        return item === null ? answer : null;
      });
      const packed = items.pack(usual);
      return usual.length === answers.length ? packed : { usual: packed, others };
    },
    unpack(packed) {
      if (!("others" in packed)) return items.unpack(packed).map(answerOf);
      const usual = items.unpack(packed.usual).values();
      return packed.others.map((other) => other ?? answerOf(usual.next().value as Item));
    },
  };
}

interface PackedClaim extends Omit<ClaimAnswer, "tasks"> {
  readonly tasks: PackedRecords;
}

/** How the arguments of a verb, and its answer, are sent. */
interface VerbPacking<Args extends readonly unknown[] = readonly unknown[], Answer = unknown> {
  /** Not set: the arguments go as they are. */
  readonly args?: Packing<Args, readonly unknown[]>;
  readonly answer: Packing<Answer>;
}

const packings: { readonly [Name in VerbName]?: VerbPacking } = {
  enqueue: {
    args: {
      pack: ([tasks, ...rest]) => [newTasks.pack(tasks), ...rest],
      unpack: ([tasks, ...rest]: [PackedRecords, number, boolean?]) => [newTasks.unpack(tasks), ...rest],
    },
    answer: mostly<EnqueueAnswer, CreatedTask>(
      createdTasks,
      (answer) => (answer.status === "created" ? answer.task : null),
      (task) => ({ status: "created", task }),
    ),
  },
  claim: {
    answer: {
      pack: ({ tasks, ...rest }) => ({ tasks: claimedTasks.pack(tasks), ...rest }),
      unpack: ({ tasks, ...rest }: PackedClaim) => ({ tasks: claimedTasks.unpack(tasks), ...rest }),
    },
  },
  settle: {
    args: {
      pack: ([ends, nowMs]) => [settlements.pack(ends.map(flat)), nowMs],
      unpack: ([ends, nowMs]: [PackedRecords, number]) => [settlements.unpack(ends).map(whole), nowMs],
    },
    answer: mostly<SettleAnswer, SettledAnswer>(
      settledAnswers,
      (answer) => (answer.status === "settled" ? answer : null),
      (answer) => answer,
    ),
  },
} satisfies {
  readonly [Name in VerbName]?: VerbPacking<Parameters<StoreVerbs[Name]>, Awaited<ReturnType<StoreVerbs[Name]>>>;
};

/** Whether all settlements of a call of `settle` are completions, by its arguments as they are sent: an outcome is their only object. */
export function areCompletions([ends]: readonly unknown[]): boolean {
  return (ends as PackedRecords).values.every((value) => typeof value !== "object" || value === null);
}

/** The arguments of a verb as they are sent. */
export function packArgs(verb: VerbName, args: readonly unknown[]): readonly unknown[] {
  return packings[verb]?.args?.pack(args) ?? args;
}

/** The answer of a verb, from what was sent. */
export function unpackAnswer(verb: VerbName, answer: unknown): unknown {
  const packing = packings[verb];
  return packing === undefined ? answer : packing.answer.unpack(answer);
}

/** The verbs of the engine's thread, with arguments and answers as they are sent. */
export type PackedVerbs = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;

/** Lets the verbs take and answer what is sent. */
export function packVerbs(verbs: Partial<Verbs>): PackedVerbs {
  return Object.fromEntries(
    Object.entries(verbs as PackedVerbs).map(([name, verb]) => {
      const packing = packings[name as VerbName];
      if (packing === undefined) return [name, verb];
      const { args, answer } = packing;
      return [name, (...sent) => answer.pack(verb(...(args?.unpack(sent) ?? sent)))];
    }),
  );
}
