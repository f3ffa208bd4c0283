import { limits } from "../../contract/limits.ts";
import { leaseKindOf, leaseOf } from "../../domain/lease.ts";
import { type ClaimedTask, serverErrors, type TaskError } from "../../domain/tasks/task.ts";
import type { ClaimAnswer, ClaimPlan } from "../../store/claim-plan.ts";
import type { Store } from "../../store/store.ts";
import { sentBytes } from "./encoded-size.ts";

/**
 * Makes a workflow's step ready for its worker, or says why that cannot be: the step then fails for good. What takes long is
 * answered later.
 */
export type PrepareStep = (task: ClaimedTask) => ClaimedTask | TaskError | Promise<ClaimedTask | TaskError>;

/** A task that was claimed and cannot be handed out. */
export interface UnfitTask {
  readonly task: ClaimedTask;
  readonly error: TaskError;
}

/** A task that was claimed and is not ready yet. */
export interface LateTask {
  readonly workerId: string;
  /** `null`: it cannot be handed out and was settled, or its lease ended meanwhile. Never rejects. */
  readonly ready: Promise<ClaimedTask | null>;
}

/** What a claim found. */
export interface Claimed extends ClaimAnswer {
  /** Beside `tasks`, so that those need not wait for them. */
  readonly late: readonly LateTask[];
}

/** The one way to claim, for the dispatcher and for those who claim by hand. */
export interface TaskClaimer {
  /** As Store.claim; every task of the answer is as its worker is to get it. */
  claim(plan: ClaimPlan, nowMs: number): Promise<Claimed>;
}

/** What becomes of tasks that are claimed and not handed out. */
export interface UnfitTasks {
  /** Fails them for good. */
  fail(unfit: readonly UnfitTask[], plan: ClaimPlan): void;
  /** Gives back what could not be made ready, through no fault of its own. */
  giveBack(task: ClaimedTask, plan: ClaimPlan, cause: unknown): void;
}

const none: readonly LateTask[] = [];

/**
 * Creates a claimer over a store.
 *
 * @param isPayload whether bytes can be decoded; asked only of what has no checksum: one payload that cannot be decoded would keep its
 *   worker from reading all that is sent with it
 */
export function createTaskClaimer(
  store: Pick<Store, "claim" | "updateLeases">,
  prepareStep: PrepareStep,
  { fail, giveBack }: UnfitTasks,
  isPayload: (bytes: Uint8Array) => boolean,
): TaskClaimer {
  function isReadable({ payload, step }: ClaimedTask): boolean {
    const all = [payload, ...Object.values(step?.results ?? {}), step?.expressions?.input ?? null];
    return all.every((bytes) => bytes === null || isPayload(bytes));
  }

  function checked(ready: ClaimedTask | TaskError): ClaimedTask | TaskError {
    return isClaimed(ready) && sentBytes(ready) > limits.messageBytes ? serverErrors.stepTooLarge : ready;
  }

  /** Whether the attempt is still its worker's: before the hand-out its end is not reported. */
  async function isHeld(task: ClaimedTask, plan: ClaimPlan, nowMs: number): Promise<boolean> {
    const update = { ...leaseOf(task, leaseKindOf(plan.leaseUntilMs)), leaseUntilMs: null, progress: null };
    return (await store.updateLeases([update], nowMs))[0] === "updated";
  }

  async function ready(
    task: ClaimedTask,
    preparing: Promise<ClaimedTask | TaskError>,
    plan: ClaimPlan,
    nowMs: number,
  ): Promise<ClaimedTask | null> {
    try {
      const prepared = checked(await preparing);
      if (isClaimed(prepared)) return (await isHeld(task, plan, nowMs)) ? prepared : null;
      fail([{ task, error: prepared }], plan);
    } catch (error) {
      giveBack(task, plan, error);
    }
    return null;
  }

  return {
    async claim(plan, nowMs) {
      const answer = await store.claim(plan, nowMs);
      const { unverified } = answer;
      if (unverified === undefined && !answer.tasks.some(({ step }) => step !== null)) return { ...answer, late: none };
      const tasks: ClaimedTask[] = [];
      const unfit: UnfitTask[] = [];
      const late: LateTask[] = [];
      for (const task of answer.tasks) {
        if (unverified?.includes(task.id) && !isReadable(task)) {
          unfit.push({ task, error: serverErrors.dataLoss });
          continue;
        }
        const preparing = task.step === null ? task : prepareStep(task);
        if (preparing instanceof Promise) {
          late.push({ workerId: task.workerId, ready: ready(task, preparing, plan, nowMs) });
          continue;
        }
        const prepared = task.step === null ? preparing : checked(preparing);
        if (isClaimed(prepared)) tasks.push(prepared);
        else unfit.push({ task, error: prepared });
      }
      if (unfit.length > 0) fail(unfit, plan);
      // Slots of what is unfit are empty although there may be more tasks.
      return { ...answer, tasks, late, short: unfit.length > 0 ? (answer.short ?? "cut") : answer.short };
    },
  };
}

function isClaimed(ready: ClaimedTask | TaskError): ready is ClaimedTask {
  return "id" in ready;
}
