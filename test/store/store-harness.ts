import { expect, it } from "vitest";
import type { Settlement } from "../../src/domain/tasks/outcome.ts";
import type { ClaimedTask, NewTask, Task, TaskAttempt, TaskState } from "../../src/domain/tasks/task.ts";
import type { ClaimAnswer } from "../../src/store/claim-plan.ts";
import type { Store } from "../../src/store/store.ts";
import type { EnqueueAnswer, SettleAnswer } from "../../src/store/task-store.ts";
import { newTask, taskError } from "../harness/calls/builders.ts";
import { completed, failed, leaseOf, type Outcome, released } from "./outcomes.ts";
import { expectSound } from "./soundness.ts";

/** What a test may ask of an engine when it opens it. */
export interface StoreOptions {
  /** Unfinished tasks that a queue takes if it does not say. Default: the engine's. */
  readonly maxQueueDepth?: number;
  /** How many queues are counted apart for metrics. Default: nothing is counted. */
  readonly measuredQueues?: number;
}

/** An engine on data of its own. */
export interface OpenStore {
  readonly store: Store;
  /** Closes it, and opens the same data again. */
  reopen(): Promise<Store>;
  /** Opens what is left if the process is killed at this moment, while no call runs. */
  crash(): Promise<Store>;
  /** Closes what is open and removes the data. */
  close(): Promise<void>;
}

/** Opens an engine on fresh data. */
export type StoreOpener = (options?: StoreOptions) => Promise<OpenStore>;

/** How a claim is made, where it matters. */
export interface ClaimOptions {
  readonly queue?: string;
  readonly workerId?: string;
  /** A lease of the unary kind that ends then. Default `null`: of the stream kind. */
  readonly leaseUntilMs?: number | null;
}

/** A store under test, with its time, and short words for what tests do most. */
export interface StoreHarness {
  readonly store: Store;
  /** The time that is handed to every verb. */
  readonly now: number;
  /** Lets time pass; answers the new time. */
  tick(ms: number): number;
  reopen(): Promise<void>;
  /** Goes on with what a crash leaves. */
  crash(): Promise<void>;
  /** Stores one task, which must be created; answers its id. */
  enqueue(task?: Partial<NewTask>): Promise<string>;
  /** Stores several in one call. */
  enqueueAll(tasks: readonly Partial<NewTask>[]): Promise<EnqueueAnswer[]>;
  /** Claims up to `n` tasks for one worker, by default `worker-1` from the builders' queue. */
  claim(n: number, options?: ClaimOptions): Promise<ClaimAnswer>;
  /** Claims the one task that is next, which must be there. */
  claimOne(options?: ClaimOptions): Promise<ClaimedTask>;
  settle(task: ClaimedTask, outcome: Outcome, changes?: Partial<Settlement>): Promise<SettleAnswer>;
  /** Reads a task that must be there. */
  read(id: string): Promise<{ readonly task: Task; readonly attempts: TaskAttempt[] }>;
  task(id: string): Promise<Task>;
  /** Stores a task, brings it into a state, and answers its id. Claims what is next, so let nothing else wait in its queue. */
  taskIn(state: Reachable, task?: Partial<NewTask>): Promise<string>;
}

/** The states that the verbs can bring a task into; nothing makes a blocked one yet. */
export type Reachable = Exclude<TaskState, "blocked">;

/** Every Reachable, for tables. */
export const reachableStates = ["scheduled", "pending", "running", "completed", "failed", "cancelled"] as const;

/** The time at which every harness begins. */
export const startMs = Date.UTC(2026, 6, 1, 12);

/** A worker's name, for tests that need only one. */
export const defaultWorker = "worker-1";

function createStoreHarness({ store, reopen, crash }: OpenStore): StoreHarness {
  let now = startMs;

  const harness: StoreHarness = {
    get store() {
      return store;
    },
    get now() {
      return now;
    },
    tick(ms) {
      now += ms;
      return now;
    },
    async reopen() {
      store = await reopen();
    },
    async crash() {
      store = await crash();
    },

    async enqueue(task) {
      const [answer] = await store.enqueue([newTask(task)], now);
      if (answer?.status !== "created") throw new Error(`not created: ${JSON.stringify(answer)}`);
      return answer.task.id;
    },
    enqueueAll: (tasks) => store.enqueue(tasks.map(newTask), now),

    claim(n, { queue = newTask().queue, workerId = defaultWorker, leaseUntilMs = null } = {}) {
      return store.claim({ queue, slots: [{ workerId, n }], leaseUntilMs }, now);
    },
    async claimOne(options) {
      const { tasks, short } = await harness.claim(1, options);
      const [task] = tasks;
      if (task === undefined) throw new Error(`nothing to claim: ${short}`);
      return task;
    },
    async settle(task, outcome, changes) {
      const [answer] = await store.settle([{ ...leaseOf(task), outcome, ...changes }], now);
      if (answer === undefined) throw new Error("no answer");
      return answer;
    },

    async read(id) {
      const [found] = await store.get([id]);
      if (found === null || found === undefined) throw new Error(`no task ${id}`);
      return found;
    },
    task: async (id) => (await harness.read(id)).task,

    async taskIn(state, task = {}) {
      const id = await harness.enqueue({ ...task, ...(state === "scheduled" ? { delayMs: 3_600_000 } : {}) });
      const { queue } = newTask(task);
      switch (state) {
        case "pending":
        case "scheduled":
          break;
        case "running":
          expect((await harness.claimOne({ queue })).id).toBe(id);
          break;
        case "completed":
          await harness.settle(await harness.claimOne({ queue }), completed("done"));
          break;
        case "failed":
          await harness.settle(await harness.claimOne({ queue }), failed({ terminal: true }));
          break;
        case "cancelled":
          await store.cancel([id], taskError("called off"), now);
          break;
      }
      expect((await harness.task(id)).state).toBe(state);
      return id;
    },
  };
  return harness;
}

/** Defines a test on a fresh store. Whatever it did, the store must be sound afterwards. */
export type StoreTest = (name: string, body: (harness: StoreHarness) => Promise<void>, options?: StoreOptions) => void;

/** Makes the function that defines the tests of one engine. */
export function createStoreTest(open: StoreOpener): StoreTest {
  return (name, body, options) => {
    it(name, async () => {
      const opened = await open(options);
      try {
        const harness = createStoreHarness(opened);
        await body(harness);
        await expectSound(harness.store);
      } finally {
        await opened.close();
      }
    });
  };
}

/** Releases a task in a test that only needs it back. */
export async function release(harness: StoreHarness, task: ClaimedTask): Promise<void> {
  expect(await harness.settle(task, released())).toMatchObject({ status: "settled" });
}
