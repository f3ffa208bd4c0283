import { Histogram, type HistogramReading, rangeOf } from "../../collections/histogram.ts";
import type { TaskFlow } from "../../domain/tasks/queue-flow.ts";
import { type AttemptOutcome, attemptOutcomes } from "../../domain/tasks/task.ts";
import type { WorkflowState } from "../../domain/workflows/workflow.ts";
import { workflowStates } from "../../domain/workflows/workflow.ts";
import { type CommitMeasures, type FileMeasures, otherName, type QueueMeasures } from "../measures.ts";

/** The bounds of waits and runs, in seconds. */
const taskBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200];
/** The bounds of commits, in seconds. */
const commitBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
/** The bounds of the calls of a commit. */
const callBounds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024];

const ranges = taskBounds.length + 1;
const finalStates = ["completed", "failed", "cancelled"] as const;

/** Where each count of a queue stands. */
const at = {
  created: 0,
  retries: 1,
  finished: 2,
  attempts: 2 + finalStates.length,
  waitSum: 2 + finalStates.length + attemptOutcomes.length,
  wait: 3 + finalStates.length + attemptOutcomes.length,
  runSum: 3 + finalStates.length + attemptOutcomes.length + ranges,
  run: 4 + finalStates.length + attemptOutcomes.length + ranges,
  end: 4 + finalStates.length + attemptOutcomes.length + 2 * ranges,
} as const;

/** Counts that a transaction may take back: numbers in one block, which is copied when a transaction first changes it. */
class Block {
  readonly values: Float64Array;
  /** The number of the transaction that changed it last. */
  changedIn = 0;

  constructor(size: number) {
    this.values = new Float64Array(size);
  }

  add(index: number, n: number): void {
    this.values[index] = (this.values[index] ?? 0) + n;
  }

  get(index: number): number {
    return this.values[index] ?? 0;
  }
}

/** What is counted of a queue, or of several together. */
export interface QueueTally {
  /** Its name; `otherName` of those that are counted together. */
  readonly name: string;
  readonly block: Block;
}

/** A queue that is counted. */
export interface Counted {
  readonly name: string;
  /** `null`: it was not counted yet. */
  tally: QueueTally | null;
}

const workflowAt = { started: 0, finished: 1, unfinished: 1 + workflowStates.length } as const;

/** Where a workflow stands. */
export interface WorkflowPlace {
  readonly state: WorkflowState;
  readonly isAtRest: boolean;
}

/**
 * Counts what happens, for the metrics. It exists only where they are on. Counts of what a transaction did go with it when it is
 * undone; those of a queue begin with the first thing that happens to it.
 */
export class Tallies {
  readonly #mostQueues: number;
  readonly #readFiles: () => FileMeasures;
  readonly #queues = new Map<string, QueueTally>();
  readonly #others: QueueTally = { name: otherName, block: new Block(at.end) };
  readonly #workflows = new Block(workflowAt.unfinished + workflowStates.length);
  readonly #events = new Block(1);
  readonly #duration = new Histogram(commitBounds);
  readonly #sync = new Histogram(commitBounds);
  readonly #calls = new Histogram(callBounds);
  #transaction = 1;
  #changed: { readonly block: Block; readonly before: Float64Array }[] = [];

  /** @param mostQueues how many are counted apart @param readFiles reads what the files take */
  constructor(mostQueues: number, readFiles: () => FileMeasures) {
    this.#mostQueues = mostQueues;
    this.#readFiles = readFiles;
  }

  /** How many queues, or subscriptions, are counted apart. */
  get most(): number {
    return this.#mostQueues;
  }

  /** Begins a transaction. */
  begin(): void {
    this.#transaction++;
    this.#changed = [];
  }

  /** Goes back to the beginning of a transaction that was undone. */
  undo(): void {
    for (const { block, before } of this.#changed) block.values.set(before);
    this.begin();
  }

  /** The tally of a queue: its own while there are places for more, and for good; else that of all others. */
  of(queue: Counted): QueueTally {
    queue.tally ??= this.#queues.get(queue.name) ?? this.#place(queue.name);
    return queue.tally;
  }

  /** The tally of all queues that are not counted apart. */
  get others(): QueueTally {
    return this.#others;
  }

  /** The own tally of a queue; `null`: it has none. */
  known({ name }: Counted): QueueTally | null {
    return this.#queues.get(name) ?? null;
  }

  /** A commit is on the disk that did this to the tasks of a queue: no transaction takes it back. */
  flowed(queue: Counted, flow: TaskFlow): void {
    const { block } = this.of(queue);
    block.add(at.created, flow.enqueued);
    for (const [index, state] of finalStates.entries()) block.add(at.finished + index, flow[state]);
  }

  /** A task was handed out for the first time. @param readyMs since when it could have been */
  handedOut(queue: Counted, readyMs: number, nowMs: number): void {
    observe(this.#blockOf(queue), at.wait, at.waitSum, nowMs - readyMs);
  }

  /** An attempt ended. @param startMs `null`: it is not known when it began */
  attemptEnded(queue: Counted, outcome: AttemptOutcome, startMs: number | null, nowMs: number): void {
    const block = this.#blockOf(queue);
    block.add(at.attempts + attemptOutcomes.indexOf(outcome), 1);
    observe(block, at.run, at.runSum, nowMs - (startMs ?? nowMs));
  }

  /** An attempt counted, and its task waits for another. */
  retried(queue: Counted): void {
    this.#blockOf(queue).add(at.retries, 1);
  }

  /** A workflow moved; `null`: it was started. */
  workflowMoved(from: WorkflowPlace | null, to: WorkflowPlace): void {
    const block = this.#change(this.#workflows);
    if (from === null) block.add(workflowAt.started, 1);
    else if (!from.isAtRest) block.add(workflowAt.unfinished + workflowStates.indexOf(from.state), -1);
    if (!to.isAtRest) block.add(workflowAt.unfinished + workflowStates.indexOf(to.state), 1);
    else if (from?.isAtRest === false) block.add(workflowAt.finished + workflowStates.indexOf(to.state), 1);
  }

  /** Takes in how many workflows of a state are not at rest when the store is opened. */
  foundWorkflows(state: WorkflowState, n: number): void {
    this.#workflows.add(workflowAt.unfinished + workflowStates.indexOf(state), n);
  }

  /** An event was published. */
  published(): void {
    this.#change(this.#events).add(0, 1);
  }

  /** A transaction was committed. Times in milliseconds. */
  committed(calls: number, durationMs: number, syncMs: number): void {
    this.#duration.observe(durationMs / 1_000);
    this.#sync.observe(syncMs / 1_000);
    if (calls > 0) this.#calls.observe(calls);
  }

  /** What was counted of a tally's queues. */
  readQueue({ block }: QueueTally): Omit<QueueMeasures, "queue" | "tasks" | "oldestReadyMs" | "paused"> {
    return {
      created: block.get(at.created),
      retries: block.get(at.retries),
      finished: countsOf(finalStates, block, at.finished),
      attempts: countsOf(attemptOutcomes, block, at.attempts),
      wait: readingAt(block, at.wait, at.waitSum),
      run: readingAt(block, at.run, at.runSum),
    };
  }

  /** What was counted of workflows. */
  readWorkflows() {
    const { completed, failed, cancelled } = countsOf(workflowStates, this.#workflows, workflowAt.finished);
    return {
      started: this.#workflows.get(workflowAt.started),
      finished: { completed, failed, cancelled },
      unfinished: countsOf(workflowStates, this.#workflows, workflowAt.unfinished),
    };
  }

  /** How many events were published. */
  readEvents(): number {
    return this.#events.get(0);
  }

  /** What was counted of commits. */
  readCommits(): CommitMeasures {
    return { duration: this.#duration.read(), sync: this.#sync.read(), calls: this.#calls.read() };
  }

  /** What the files take now. */
  readFiles(): FileMeasures {
    return this.#readFiles();
  }

  #place(name: string): QueueTally {
    if (this.#queues.size >= this.#mostQueues || name === otherName) return this.#others;
    const tally = { name, block: new Block(at.end) };
    this.#queues.set(name, tally);
    return tally;
  }

  #blockOf(queue: Counted): Block {
    return this.#change((queue.tally ?? this.of(queue)).block);
  }

  #change(block: Block): Block {
    if (block.changedIn !== this.#transaction) {
      block.changedIn = this.#transaction;
      this.#changed.push({ block, before: block.values.slice() });
    }
    return block;
  }
}

/** Counts a span, which a clock that was set back may have made less than nothing. */
function observe(block: Block, rangesAt: number, sumAt: number, ms: number): void {
  const seconds = Math.max(ms, 0) / 1_000;
  block.add(rangesAt + rangeOf(taskBounds, seconds), 1);
  block.add(sumAt, seconds);
}

function readingAt(block: Block, rangesAt: number, sumAt: number): HistogramReading {
  return { bounds: taskBounds, counts: [...block.values.slice(rangesAt, rangesAt + ranges)], sum: block.get(sumAt) };
}

function countsOf<Name extends string>(names: readonly Name[], block: Block, from: number): Record<Name, number> {
  return Object.fromEntries(names.map((name, index) => [name, block.get(from + index)])) as Record<Name, number>;
}
