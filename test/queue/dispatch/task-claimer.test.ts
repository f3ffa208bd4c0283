import { describe, expect, it } from "vitest";
import type { ClaimedTask, TaskError } from "../../../src/domain/tasks/task.ts";
import { createTaskClaimer, type PrepareStep, type UnfitTask } from "../../../src/queue/dispatch/task-claimer.ts";
import type { ClaimAnswer, ClaimPlan } from "../../../src/store/claim-plan.ts";

const error: TaskError = { type: "EXPRESSION", message: "no", stackTrace: "" };
const plan: ClaimPlan = { queue: "orders", slots: [{ workerId: "w", n: 9 }], leaseUntilMs: null };

/** A claimed task with results of so many bytes; `null`: it is no step. */
function taskOf(id: string, resultBytes: number | null): ClaimedTask {
  return {
    id,
    type: "ship",
    payload: null,
    headers: null,
    priority: 0,
    attempt: 1,
    maxAttempts: 1,
    attemptTimeoutMs: null,
    expireMs: null,
    correlationId: null,
    sourceService: null,
    origin: null,
    event: null,
    createMs: 0,
    queue: "orders",
    workerId: "w",
    step: resultBytes === null ? null : { results: { a: new Uint8Array(resultBytes) }, expressions: null },
  };
}

/** A store that answers this, and knows every lease but that of the task `called-off`. */
function storeOf(answer: ClaimAnswer): Parameters<typeof createTaskClaimer>[0] {
  return {
    claim: async () => answer,
    updateLeases: async (updates) => updates.map(({ taskId }) => (taskId === "called-off" ? "stale" : "updated")),
  };
}

const unasked = () => expect.unreachable();

/** Claims what a store answers. */
async function claim(
  answer: ClaimAnswer,
  prepareStep: PrepareStep,
  isPayload: (bytes: Uint8Array) => boolean = unasked,
) {
  const failed: UnfitTask[] = [];
  const givenBack: string[] = [];
  const claimer = createTaskClaimer(
    storeOf(answer),
    prepareStep,
    {
      fail: (unfit) => void failed.push(...unfit),
      giveBack: ({ id }) => void givenBack.push(id),
    },
    isPayload,
  );
  const { tasks, late, short } = await claimer.claim(plan, 0);
  const lateIds = (await Promise.all(late.map(({ ready }) => ready))).map((task) => task?.id ?? null);
  return {
    tasks: tasks.map(({ id }) => id),
    short,
    ...(late.length > 0 && { late: lateIds }),
    ...(givenBack.length > 0 && { givenBack }),
    failed: failed.map((each) => `${each.task.id} ${each.error.type}`),
  };
}

describe("claiming", () => {
  it("passes on what holds no steps as it is", async () => {
    const answer: ClaimAnswer = { tasks: [taskOf("1", null), taskOf("2", null)], short: null };
    const claimer = createTaskClaimer(
      storeOf(answer),
      () => expect.unreachable(),
      {
        fail: () => expect.unreachable(),
        giveBack: () => expect.unreachable(),
      },
      unasked,
    );
    expect(await claimer.claim(plan, 0)).toEqual({ ...answer, late: [] });
  });

  it("makes steps ready, and only them", async () => {
    const answer: ClaimAnswer = { tasks: [taskOf("1", null), taskOf("2", 1)], short: "empty" };
    const claimer = createTaskClaimer(
      storeOf(answer),
      (task) => ({ ...task, type: "ready" }),
      {
        fail: () => undefined,
        giveBack: () => undefined,
      },
      unasked,
    );
    const { tasks, short } = await claimer.claim(plan, 0);
    expect(tasks.map(({ type }) => type)).toEqual(["ship", "ready"]);
    expect(short).toBe("empty");
  });

  it("fails what has no checksum and cannot be decoded, and hands the rest out", async () => {
    const bytes = (value: number) => new Uint8Array([value]);
    const steps = { ...taskOf("3", null), step: { results: { a: bytes(0) }, expressions: null } };
    const input = { ...taskOf("4", null), step: { results: {}, expressions: { workflowName: "w", input: bytes(0) } } };
    const tasks = [
      { ...taskOf("1", null), payload: bytes(0) },
      { ...taskOf("2", null), payload: bytes(1) },
      steps,
      input,
      // It has a checksum, and is not looked at.
      { ...taskOf("5", null), payload: bytes(0) },
    ];
    const answer: ClaimAnswer = { tasks, short: null, unverified: ["1", "2", "3", "4"] };
    expect(
      await claim(
        answer,
        (task) => task,
        ([value]) => value === 1,
      ),
    ).toEqual({
      tasks: ["2", "5"],
      short: "cut",
      failed: ["1 DATA_LOSS", "3 DATA_LOSS", "4 DATA_LOSS"],
    });
  });

  it("fails what cannot be handed out, and says that there may be more", async () => {
    const tasks = [taskOf("1", null), taskOf("2", 1), taskOf("3", 1)];
    const prepare: PrepareStep = (task) => (task.id === "2" ? error : task);
    const failed = ["2 EXPRESSION"];
    expect(await claim({ tasks, short: null }, prepare)).toEqual({ tasks: ["1", "3"], short: "cut", failed });
    expect(await claim({ tasks, short: "empty" }, prepare)).toEqual({ tasks: ["1", "3"], short: "empty", failed });
  });

  it("fails what does not fit into one message", async () => {
    const tasks = [taskOf("1", 3_000_000), taskOf("2", 3_200_000)];
    expect(await claim({ tasks, short: null }, (task) => task)).toEqual({
      tasks: ["1"],
      short: "cut",
      failed: ["2 STEP_TOO_LARGE"],
    });
  });

  it("hands out what is ready, and answers later what takes long", async () => {
    const tasks = [taskOf("1", 1), taskOf("2", 1), taskOf("3", 1), taskOf("4", null)];
    const prepare: PrepareStep = (task) => {
      if (task.id === "1") return Promise.resolve(task);
      return task.id === "2" ? Promise.resolve(error) : task;
    };
    const failed = ["2 EXPRESSION"];
    expect(await claim({ tasks, short: null }, prepare)).toEqual({
      tasks: ["3", "4"],
      late: ["1", null],
      short: null,
      failed,
    });
  });

  it("does not hand out what was called off until it was ready", async () => {
    const tasks = [taskOf("1", 1), taskOf("called-off", 1)];
    expect(await claim({ tasks, short: null }, (task) => Promise.resolve(task))).toEqual({
      tasks: [],
      late: ["1", null],
      short: null,
      failed: [],
    });
  });

  it("gives back what could not be made ready", async () => {
    const prepare: PrepareStep = () => Promise.reject(new Error("the thread was stopped"));
    expect(await claim({ tasks: [taskOf("1", 1)], short: null }, prepare)).toEqual({
      tasks: [],
      late: [null],
      givenBack: ["1"],
      short: null,
      failed: [],
    });
  });
});
