import { expect, it } from "vitest";
import { createTasks } from "../../../src/queue/tasks/tasks.ts";
import { createAdmission } from "../../../src/store/admission.ts";
import type { Store } from "../../../src/store/store.ts";
import type { EnqueueAnswer } from "../../../src/store/task-store.ts";
import { newTask } from "../../harness/calls/builders.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";

/** Tasks over a store that gives these answers, with the wakes of the dispatcher. */
function createTasksOver(answers: EnqueueAnswer[]) {
  const wakes: unknown[] = [];
  const tasks = createTasks({
    store: { enqueue: async () => answers } as Partial<Store> as Store,
    admission: createAdmission({ maxWaitingCalls: 1, maxWaitingBytes: 1 }),
    clock: createFakeClock(),
    dispatcher: { wake: (...what) => void wakes.push(what), ended: () => undefined },
    scheduler: { due: () => undefined },
    ender: { endCancelled: () => undefined },
  });
  return { tasks, wakes };
}

function created(id: string, state: "pending" | "scheduled" = "pending"): EnqueueAnswer {
  return {
    status: "created",
    task: { id, state, maxAttempts: 3, scheduleMs: null, expireMs: null, createMs: 0 },
  };
}

it("wakes the dispatcher once for tasks of one queue and type that stand together, and are ready", async () => {
  const requests = [
    newTask({ queue: "a", type: "x" }),
    newTask({ queue: "a", type: "x", delayMs: 5 }),
    newTask({ queue: "a", type: "x" }),
    newTask({ queue: "a", type: "y" }),
    newTask({ queue: "b", type: "y", delayMs: 5 }),
    newTask({ queue: "a", type: "y" }),
  ];
  const { tasks, wakes } = createTasksOver(requests.map((_, index) => created(`${index}`, "scheduled")));
  await tasks.enqueue(requests);
  expect(wakes).toEqual([
    ["a", 2, "x"],
    ["a", 1, "y"],
    ["a", 1, "y"],
  ]);
});

it("lets go of the store's answers once they are read", async () => {
  const answers = [created("1"), created("2")];
  const { tasks } = createTasksOver(answers);
  const enqueued = await tasks.enqueue([newTask(), newTask()]);
  expect(enqueued).toMatchObject([{ task: { id: "1" } }, { task: { id: "2" } }]);
  expect(answers).toEqual([]);
});
