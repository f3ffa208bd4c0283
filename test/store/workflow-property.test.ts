import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ClaimedTask } from "../../src/domain/tasks/task.ts";
import type { NewStep, Workflow } from "../../src/domain/workflows/workflow.ts";
import type { Store } from "../../src/store/store.ts";
import { newStep, newWorkflow, taskError } from "../harness/calls/builders.ts";
import { isPostgresMissing } from "../harness/databases/postgres.ts";
import { completed, failed, leaseLost, leaseOf, type Outcome, released } from "./outcomes.ts";
import { postgresForTests } from "./postgres/open-postgres.ts";
import { expectSound } from "./soundness.ts";
import { openSqlite } from "./sqlite/open-sqlite.ts";
import { type OpenStore, type StoreOpener, startMs } from "./store-harness.ts";
import { type DoneTasks, expectPromises } from "./workflow-promises.ts";

/** How many runs are tried: more of them on a machine that has the night for it. */
const numRuns = Number(process.env.SITQ_PROPERTY_RUNS ?? 25);

/** What happens next; numbers choose among what there is. */
type Action =
  | { readonly kind: "claim"; readonly n: number }
  | { readonly kind: "settle"; readonly which: number; readonly how: number }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "cancel_task"; readonly which: number }
  | { readonly kind: "cancel_workflow"; readonly which: number; readonly compensate: boolean }
  | { readonly kind: "retry_workflow"; readonly which: number }
  | { readonly kind: "reopen" };

const which = fc.nat({ max: 1_000 });
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("claim" as const), n: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("settle" as const), which, how: fc.nat({ max: 9 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cancel_task" as const), which }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("cancel_workflow" as const), which, compensate: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("retry_workflow" as const), which }) },
  { weight: 1, arbitrary: fc.constant({ kind: "reopen" as const }) },
);

const graph: fc.Arbitrary<NewStep[]> = fc.integer({ min: 1, max: 6 }).chain((size) =>
  fc.tuple(
    ...Array.from({ length: size }, (_, number) =>
      fc
        .record({
          dependsOn: fc.subarray(Array.from({ length: number }, (__, earlier) => earlier)),
          maxAttempts: fc.integer({ min: 1, max: 2 }),
          compensateWith: fc.constantFrom(null, `undo-${number}`),
        })
        .map((step) => newStep(`s${number}`, step)),
    ),
  ),
);

/** Attempts end well more often than not. */
const outcomes: readonly Outcome[] = [
  ...Array.from({ length: 6 }, () => completed("done")),
  failed({ retryDelayMs: 20 }),
  failed({ terminal: true }),
  leaseLost,
  released(),
];

interface World {
  store: Store;
  now: number;
  readonly ids: readonly string[];
  readonly held: ClaimedTask[];
  readonly done: DoneTasks;
}

describe("SQLite", () => keepsThePromises(openSqlite));
describe.skipIf(isPostgresMissing)("PostgreSQL", () => keepsThePromises(postgresForTests()));

function keepsThePromises(open: StoreOpener): void {
  it(
    "keeps the promises of workflows, whatever is done to them, and brings each to rest",
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(graph, { minLength: 1, maxLength: 3 }),
          fc.array(action, { maxLength: 40 }),
          async (graphs, actions) => {
            const opened = await open();
            try {
              await live(opened, graphs, actions);
            } finally {
              await opened.close();
            }
          },
        ),
        { numRuns },
      );
    },
    60_000 + 2_000 * numRuns,
  );
}

async function live(opened: OpenStore, graphs: readonly NewStep[][], actions: readonly Action[]): Promise<void> {
  const { store } = opened;
  const answers = await store.startWorkflows(
    graphs.map((steps) => newWorkflow(steps)),
    startMs,
  );
  const ids = answers.flatMap((answer) => (answer.status === "created" ? [answer.workflow.id] : []));
  expect(ids).toHaveLength(graphs.length);
  const world: World = { store, now: startMs, ids, held: [], done: new Map() };
  for (const each of actions) {
    await act(world, each, opened);
    expectPromises(await read(world), world.done);
  }
  await expectSound(world.store);
  await finish(world);
  await expectSound(world.store);
}

function pick<T>(list: readonly T[], number: number): T | undefined {
  return list[number % Math.max(list.length, 1)];
}

async function act(world: World, each: Action, opened: OpenStore): Promise<void> {
  const { store, ids } = world;
  world.now++;
  switch (each.kind) {
    case "claim":
      await claim(world, each.n);
      break;
    case "settle": {
      const task = pick(world.held, each.which);
      const outcome = pick(outcomes, each.how);
      if (task !== undefined && outcome !== undefined) await settle(world, task, outcome);
      break;
    }
    case "wait":
      world.now += each.ms;
      await advance(world);
      break;
    case "cancel_task": {
      const workflow = await store.getWorkflow(pick(ids, each.which) ?? "");
      const tasks = workflow?.steps.flatMap(({ task, compensation }) => [
        task,
        ...(compensation ? [compensation] : []),
      ]);
      const task = pick(tasks ?? [], each.which);
      if (task !== undefined) await store.cancel([task.id], taskError("cancelled"), world.now);
      break;
    }
    case "cancel_workflow":
      await store.cancelWorkflow(pick(ids, each.which) ?? "", taskError("called off"), each.compensate, world.now);
      break;
    case "retry_workflow":
      await store.retryWorkflow(pick(ids, each.which) ?? "", world.now);
      break;
    case "reopen":
      world.store = await opened.reopen();
      break;
  }
}

async function claim(world: World, n: number): Promise<number> {
  const slots = [{ workerId: "w", n }];
  const { tasks } = await world.store.claim({ queue: "orders", slots, leaseUntilMs: null }, world.now);
  for (const task of tasks) expect(world.done.has(task.id), `${task.id} runs again`).toBe(false);
  world.held.push(...tasks);
  return tasks.length;
}

async function settle(world: World, task: ClaimedTask, outcome: Outcome): Promise<void> {
  world.held.splice(world.held.indexOf(task), 1);
  await world.store.settle([{ ...leaseOf(task), outcome }], world.now);
}

async function advance(world: World): Promise<void> {
  for (;;) {
    const { nextMs } = await world.store.advance(world.now);
    if (nextMs === null || nextMs > world.now) return;
  }
}

async function read(world: World): Promise<Workflow[]> {
  const all = await Promise.all(world.ids.map((id) => world.store.getWorkflow(id)));
  return all.filter((workflow) => workflow !== null);
}

/** Completes whatever can be done: every workflow must come to rest. */
async function finish(world: World): Promise<void> {
  for (let round = 0; round < 200; round++) {
    world.now += 100;
    await advance(world);
    await claim(world, 10);
    for (const task of [...world.held]) await settle(world, task, completed("done"));
    expectPromises(await read(world), world.done);
    if ((await read(world)).every(({ finishMs }) => finishMs !== null)) return;
  }
  throw new Error("a workflow does not come to rest");
}
