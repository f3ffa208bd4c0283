import { describe, expect, test } from "vitest";
import { serverErrors, type TaskState } from "../../../src/domain/tasks/task.ts";
import {
  afterStep,
  end,
  execute,
  firstState,
  isCompensable,
  mayBegin,
  retry,
  type StepMove,
  type StepState,
  type WorkflowPlan,
  type WorkflowStanding,
} from "../../../src/domain/workflows/workflow-progress.ts";

const error = { type: "BROKEN", message: "It broke.", stackTrace: "" };

/** a, then b and c, then d; a and b can be compensated. */
const plan: WorkflowPlan = {
  isSound: true,
  steps: [
    { stepId: "a", dependsOn: [], compensateWith: "undo-a" },
    { stepId: "b", dependsOn: [0], compensateWith: "undo-b" },
    { stepId: "c", dependsOn: [0], compensateWith: null },
    { stepId: "d", dependsOn: [1, 2], compensateWith: null },
  ],
};
const damaged: WorkflowPlan = { ...plan, isSound: false };

const stateOfLetter: Readonly<Record<string, StepState>> = {
  B: "blocked",
  S: "scheduled",
  P: "pending",
  R: "running",
  C: "completed",
  F: "failed",
  X: "cancelled",
  M: "missing",
};

/** Steps by letters: `"CRPB"`; they were completed in the order of their numbers. */
function standing(letters: string, changes: Partial<WorkflowStanding> = {}): WorkflowStanding {
  const steps = [...letters].map((letter) => stateOfLetter[letter] ?? "blocked");
  return {
    state: "running",
    compensation: "none",
    isAtRest: false,
    plan,
    steps: () => steps,
    completionOf: (step) => step,
    compensations: () => [],
    ...changes,
  };
}

function moved(step: number, to: TaskState, changes: Partial<StepMove> = {}): StepMove {
  return { step, to, isCompensation: false, error: () => error, ...changes };
}

test("a step waits for those it depends on, and for the execution of its workflow", () => {
  expect(plan.steps.map((step) => firstState(step, false))).toEqual(["pending", "blocked", "blocked", "blocked"]);
  expect(plan.steps.map((step) => firstState(step, true))).toEqual(["blocked", "blocked", "blocked", "blocked"]);
});

test("only a step that depends on nothing begins a workflow; those with a compensation are numbered", () => {
  expect([0, 1, 2, 3, 4].map((step) => mayBegin(plan, step))).toEqual([true, false, false, false, false]);
  expect([0, 1, 2, 3, 4].map((step) => isCompensable(plan, step))).toEqual([true, true, false, false, false]);
});

describe("a completed step", () => {
  test("releases those whose last dependency it was", () => {
    const both = [
      { do: "release", step: 1 },
      { do: "release", step: 2 },
    ];
    expect(afterStep(standing("CBBB"), moved(0, "completed"))).toEqual(both);
    expect(afterStep(standing("CCRB"), moved(1, "completed"))).toEqual([]);
    expect(afterStep(standing("CCCB"), moved(2, "completed"))).toEqual([{ do: "release", step: 3 }]);
  });

  test("completes the workflow if it is the last, also where the plan is damaged", () => {
    for (const changes of [{}, { plan: damaged }]) {
      const commands = afterStep(standing("CCCC", changes), moved(3, "completed"));
      expect(commands).toEqual([{ do: "rest", state: "completed", compensation: "none" }]);
    }
  });

  test("fails a workflow of whose plan it is not known what comes next", () => {
    const failure = { stepId: null, error: serverErrors.dataLoss };
    expect(afterStep(standing("CBBB", { plan: damaged }), moved(0, "completed"))).toEqual([
      { do: "end", state: "failed", failure, compensation: "running" },
      ...[1, 2, 3].map((step) => ({ do: "cancel", step, error: serverErrors.workflowEnded })),
      { do: "rest", state: "failed", compensation: "failed" },
    ]);
  });
});

describe("a step whose task is gone", () => {
  const failure = { stepId: null, error: serverErrors.dataLoss };
  const ended = { state: "failed", compensation: "running" } as const;

  test("fails its workflow when another is completed, or the workflow is executed, and is not touched", () => {
    const cancelled = { do: "cancel", step: 3, error: serverErrors.workflowEnded };
    const commands = [{ do: "end", state: "failed", failure, compensation: "running" }, cancelled];
    expect(afterStep(standing("CCMB"), moved(1, "completed"))).toEqual([...commands, { do: "compensate", step: 1 }]);
    expect(execute(standing("CCMB"))).toEqual([...commands, { do: "compensate", step: 1 }]);
  });

  test("has its workflow's compensation fail, after that of the others, if it cannot be undone", () => {
    const next = (letters: string, ...done: number[]) => {
      const compensations = () => done.map((step) => ({ step, state: "completed" as const }));
      return afterStep(standing(letters, { ...ended, compensations }), moved(1, "completed", { isCompensation: true }));
    };
    expect(next("MCFX")).toEqual([{ do: "compensate", step: 1 }]);
    expect(next("MCFX", 1)).toEqual([{ do: "rest", state: "failed", compensation: "failed" }]);
    // It is gone after it was undone, or nothing would undo it.
    expect(next("CMFX", 1)).toEqual([{ do: "compensate", step: 0 }]);
    expect(next("CCMX", 1, 0)).toEqual([{ do: "rest", state: "failed", compensation: "completed" }]);
  });

  test("keeps its workflow from being retried, but for a compensation of another step that failed", () => {
    const stopped = { state: "failed", isAtRest: true } as const;
    expect(retry(standing("CMFX", stopped))).toBeNull();
    expect(retry(standing("MXFX", { ...stopped, compensation: "failed" }))).toBeNull();
    const compensations = () => [{ step: 1, state: "failed" as const }];
    expect(retry(standing("MCFX", { ...stopped, compensation: "failed", compensations }))).toEqual([
      { do: "resume_compensation" },
      { do: "restart_compensation", step: 1 },
    ]);
  });
});

describe("a step that fails for good", () => {
  const cancelled = (step: number) => ({ do: "cancel", step, error: serverErrors.workflowEnded });

  test("cancels what waits, and compensates once nothing runs", () => {
    const failed = (compensation: string) => ({
      do: "end",
      state: "failed",
      failure: { stepId: "c", error },
      compensation,
    });
    const waiting = afterStep(standing("CRFB"), moved(2, "failed"));
    expect(waiting).toEqual([failed("running"), cancelled(3)]);
    const idle = afterStep(standing("CCFB"), moved(2, "failed"));
    expect(idle).toEqual([failed("running"), cancelled(3), { do: "compensate", step: 1 }]);
  });

  test("brings the workflow to rest if there is nothing to undo", () => {
    expect(afterStep(standing("FBBB"), moved(0, "failed"))).toEqual([
      { do: "end", state: "failed", failure: { stepId: "a", error }, compensation: "none" },
      ...[1, 2, 3].map(cancelled),
      { do: "rest", state: "failed", compensation: "none" },
    ]);
  });

  test("without an error of its own, a cancelled one, ends the workflow with that of its end", () => {
    const [ended] = afterStep(standing("XBBB"), moved(0, "cancelled", { error: () => null }));
    expect(ended).toMatchObject({ failure: { stepId: "a", error: serverErrors.workflowEnded } });
  });
});

test("a step that is retried, released or scheduled changes nothing while its workflow is active", () => {
  for (const to of ["scheduled", "pending", "blocked"] as const) {
    expect(afterStep(standing("PBBB"), moved(0, to))).toEqual([]);
  }
});

describe("a workflow that has failed", () => {
  const ended = { state: "failed", compensation: "running" } as const;

  test("cancels a step that was running and comes to wait again, and goes on with the rest", () => {
    expect(afterStep(standing("CPFX", ended), moved(1, "pending"))).toEqual([
      { do: "cancel", step: 1, error: serverErrors.workflowEnded },
      { do: "compensate", step: 0 },
    ]);
  });

  test("compensates one step after the other, the last completed first", () => {
    const next = (...states: TaskState[]) => {
      const compensations = states.map((state, index) => ({ step: 1 - index, state }));
      const move = moved(1, "completed", { isCompensation: true });
      return afterStep(standing("CCFX", { ...ended, compensations: () => compensations }), move);
    };
    expect(next()).toEqual([{ do: "compensate", step: 1 }]);
    expect(next("running")).toEqual([]);
    expect(next("scheduled")).toEqual([]);
    expect(next("completed")).toEqual([{ do: "compensate", step: 0 }]);
    expect(next("completed", "completed")).toEqual([{ do: "rest", state: "failed", compensation: "completed" }]);
    expect(next("failed")).toEqual([{ do: "rest", state: "failed", compensation: "failed" }]);
    expect(next("completed", "cancelled")).toEqual([{ do: "rest", state: "failed", compensation: "failed" }]);
  });

  test("waits for what runs, and stays at rest once it is", () => {
    expect(afterStep(standing("CRFX", ended), moved(2, "failed"))).toEqual([]);
    expect(afterStep(standing("CCFX", { ...ended, isAtRest: true }), moved(2, "failed"))).toEqual([]);
  });

  test("leaves a compensation that is retried alone", () => {
    expect(afterStep(standing("CCFX", ended), moved(1, "scheduled", { isCompensation: true }))).toEqual([]);
  });
});

describe("an end by an operator", () => {
  const failure = { stepId: null, error };

  test("stops what runs, with the operator's error, and compensates only if asked to", () => {
    const cancels = [1, 2, 3].map((step) => ({ do: "cancel", step, error }));
    const ending = { state: "cancelled", failure, stopRunning: true } as const;
    expect(end(standing("CRPB"), { ...ending, compensate: false })).toEqual([
      { do: "end", state: "cancelled", failure, compensation: "none" },
      ...cancels,
      { do: "rest", state: "cancelled", compensation: "none" },
    ]);
    expect(end(standing("CRPB"), { ...ending, compensate: true })).toEqual([
      { do: "end", state: "cancelled", failure, compensation: "running" },
      ...cancels,
      { do: "compensate", step: 0 },
    ]);
  });

  test("does not wait for the compensation of what it stops", () => {
    const ending = { state: "cancelled", failure, compensate: true } as const;
    expect(end(standing("RBBB"), { ...ending, stopRunning: true })[0]).toMatchObject({ compensation: "none" });
    expect(end(standing("RBBB"), { ...ending, stopRunning: false })[0]).toMatchObject({ compensation: "running" });
  });
});

test("an execution releases what depends on nothing, once", () => {
  expect(execute(standing("BBBB", { state: "pending" }))).toEqual([{ do: "release", step: 0 }]);
  expect(execute(standing("PBBB", { state: "pending" }))).toEqual([]);
  expect(execute(standing("BBBB", { state: "pending", plan: damaged }))[0]).toMatchObject({ do: "end" });
});

describe("a retry", () => {
  const stopped = { state: "failed", isAtRest: true } as const;

  test("goes on from the steps that are not completed", () => {
    expect(retry(standing("CCFX", stopped))).toEqual([
      { do: "resume" },
      { do: "restart", step: 2, to: "pending" },
      { do: "restart", step: 3, to: "blocked" },
    ]);
  });

  test("goes on with the compensation that failed", () => {
    const compensations = () => [
      { step: 1, state: "completed" as const },
      { step: 0, state: "failed" as const },
    ];
    const workflow = standing("CCFX", { ...stopped, compensation: "failed", compensations });
    expect(retry(workflow)).toEqual([{ do: "resume_compensation" }, { do: "restart_compensation", step: 0 }]);
  });

  test("needs a workflow at rest that is not completed, not compensated and not damaged", () => {
    const others = [
      { state: "completed" },
      { isAtRest: false },
      { compensation: "completed" },
      { plan: damaged },
    ] as const;
    for (const change of others) expect(retry(standing("CCFX", { ...stopped, ...change }))).toBeNull();
  });
});
