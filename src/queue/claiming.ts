import { limits } from "../domain/limits.ts";
import { type ClaimedTask, serverErrors, type TaskError } from "../domain/task.ts";
import type { ClaimAnswer, ClaimPlan, Store } from "../store/store.ts";
import { sentBytes } from "./sent-size.ts";

/** Makes a workflow's step ready for its worker, or says why that cannot be: the step then fails for good. */
export type PrepareStep = (task: ClaimedTask) => ClaimedTask | TaskError;

/** A task that was claimed and cannot be handed out. */
export interface UnfitTask {
  readonly task: ClaimedTask;
  readonly error: TaskError;
}

/** The one way to claim, for the dispatcher and for those who claim by hand. */
export interface Claiming {
  /** As Store.claim; every task of the answer is as its worker is to get it. */
  claim(plan: ClaimPlan, nowMs: number): Promise<ClaimAnswer>;
}

/** Claiming from a store. `fail` is told of the tasks that no worker can be given. */
export function createClaiming(
  store: Pick<Store, "claim">,
  prepareStep: PrepareStep,
  fail: (unfit: readonly UnfitTask[], plan: ClaimPlan) => void,
): Claiming {
  function prepared(task: ClaimedTask): ClaimedTask | TaskError {
    const ready = prepareStep(task);
    return isClaimed(ready) && sentBytes(ready) > limits.messageBytes ? serverErrors.stepTooLarge : ready;
  }

  return {
    async claim(plan, nowMs) {
      const answer = await store.claim(plan, nowMs);
      if (!answer.tasks.some(({ step }) => step !== null)) return answer;
      const tasks: ClaimedTask[] = [];
      const unfit: UnfitTask[] = [];
      for (const task of answer.tasks) {
        const ready = task.step === null ? task : prepared(task);
        if (isClaimed(ready)) tasks.push(ready);
        else unfit.push({ task, error: ready });
      }
      if (unfit.length === 0) return { ...answer, tasks };
      fail(unfit, plan);
      // Their slots are empty although there may be more tasks.
      return { tasks, short: answer.short ?? "cut" };
    },
  };
}

function isClaimed(ready: ClaimedTask | TaskError): ready is ClaimedTask {
  return "id" in ready;
}
