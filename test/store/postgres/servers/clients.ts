import { expect } from "vitest";
import type { ClaimedTask, Task } from "../../../../src/domain/tasks/task.ts";
import type { Store } from "../../../../src/store/store.ts";
import { newEvent, newStep, newWorkflow, taskError } from "../../../harness/calls/builders.ts";
import { completed, leaseOf } from "../../outcomes.ts";
import { listAll } from "../../read-all.ts";
import { type Action, queues } from "./actions.ts";
import { Judge, strangersLease } from "./judge.ts";

/** How many tasks of `limited` may run at once. */
export const mostLimited = 2;

/** What clients of several servers know together. */
export interface World {
  readonly judge: Judge;
  /** One clock for all. */
  nowMs: number;
  /** The tasks that were stored, by their ids: their deliveries and steps are not among them. */
  readonly taskIds: string[];
  readonly deleted: Set<string>;
  readonly workflowIds: string[];
}

/** Knows of nothing yet. */
export function createWorld(nowMs: number): World {
  const judge = new Judge(new Map([[queues.limited, mostLimited]]));
  return { judge, nowMs, taskIds: [], deleted: new Set(), workflowIds: [] };
}

/** A client of one server: it works, enqueues, and operates. */
export class ServerClient {
  private readonly store: Store;
  private readonly workerId: string;
  private readonly world: World;
  private readonly held: ClaimedTask[] = [];
  private made = 0;

  constructor(store: Store, workerId: string, world: World) {
    this.store = store;
    this.workerId = workerId;
    this.world = world;
  }

  /** Makes one call after the other. */
  async live(actions: readonly Action[]): Promise<void> {
    for (const action of actions) await this.act(action);
  }

  /** Claims what there is and completes it, with what it held before; answers how much that was. */
  async workOff(): Promise<number> {
    for (const queue of Object.values(queues)) await this.claim(queue, 20);
    const tasks = this.held.splice(0);
    for (const task of tasks) await this.settle(task, completed("done"));
    return tasks.length;
  }

  private async act(action: Action): Promise<void> {
    const { store, world } = this;
    const nowMs = ++world.nowMs;
    switch (action.kind) {
      case "enqueue": {
        const answers = await store.enqueue(action.tasks, nowMs);
        for (const answer of answers) if (answer.status === "created") world.taskIds.push(answer.task.id);
        return;
      }
      case "claim":
        return this.claim(action.queue, action.n, action.types);
      case "settle": {
        const [task] = this.held.splice(action.which % Math.max(this.held.length, 1), 1);
        if (task !== undefined) await this.settle(task, action.outcome);
        return;
      }
      case "forge": {
        const task = pick(this.held, action.which);
        if (task === undefined) return;
        const lease = strangersLease(task);
        const [answer] = await store.settle([{ ...lease, outcome: completed("forged") }], nowMs);
        if (answer !== undefined) world.judge.forged(lease, answer);
        return;
      }
      case "cancel":
        return this.cancel(action.which);
      case "retry":
        await store.retry(this.pickTask(action.which), nowMs);
        return;
      case "delete": {
        const ids = this.pickTask(action.which);
        const answers = await store.delete(ids, nowMs);
        for (const [index, id] of ids.entries()) if (answers[index] === "deleted") world.deleted.add(id);
        return;
      }
      case "publish": {
        const events = action.subjects.map((subject) =>
          newEvent({ id: `${this.workerId}-${this.made++}`, sourceService: this.workerId, subject }),
        );
        for (const answer of await store.publish(events, nowMs)) expect(answer.status).toBe("created");
        return;
      }
      case "start_workflow": {
        const steps = ["a", "b", "c", "d"].map((stepId, index) =>
          newStep(stepId, {
            service: queues.steps,
            dependsOn: index === 0 ? [] : index === 3 ? [1, 2] : [0],
            compensateWith: index === 3 ? null : `undo-${stepId}`,
          }),
        );
        for (const answer of await store.startWorkflows([newWorkflow(steps)], nowMs)) {
          if (answer.status === "created") world.workflowIds.push(answer.workflow.id);
        }
        return;
      }
      case "cancel_workflow":
        return this.cancelWorkflow(action.which, action.compensate);
      case "retry_workflow":
        await store.retryWorkflow(pick(world.workflowIds, action.which) ?? "", nowMs);
        return;
      case "advance":
        await store.advance(nowMs);
    }
  }

  private async claim(queue: string, n: number, types?: readonly string[]): Promise<void> {
    const plan = { queue, slots: [{ workerId: this.workerId, n }], leaseUntilMs: null, ...(types && { types }) };
    const { tasks } = await this.store.claim(plan, this.world.nowMs);
    this.world.judge.claimed(tasks);
    this.held.push(...tasks);
  }

  private async settle(task: ClaimedTask, outcome: Parameters<Judge["settling"]>[1]): Promise<void> {
    const { judge, nowMs } = this.world;
    judge.settling(task, outcome);
    const [answer] = await this.store.settle([{ ...leaseOf(task), outcome }], nowMs);
    if (answer !== undefined) judge.settled(task, outcome, answer);
  }

  private async cancel(which: number): Promise<void> {
    const { judge, nowMs } = this.world;
    const deliveries: Task[] = which % 3 === 0 ? await listAll(this.store) : [];
    const delivery = pick(
      deliveries.filter(({ origin }) => origin?.kind === "delivery"),
      which,
    );
    const ids = delivery === undefined ? this.pickTask(which) : [delivery.id];
    judge.cancelling(ids);
    await this.store.cancel(ids, taskError("cancelled"), nowMs);
  }

  private async cancelWorkflow(which: number, compensate: boolean): Promise<void> {
    const { judge, nowMs, workflowIds } = this.world;
    const id = pick(workflowIds, which);
    const workflow = id === undefined ? null : await this.store.getWorkflow(id);
    if (id === undefined || workflow === null) return;
    judge.cancelling(workflow.steps.map(({ task }) => task.id));
    await this.store.cancelWorkflow(id, taskError("called off"), compensate, nowMs);
  }

  private pickTask(which: number): string[] {
    const id = pick(this.world.taskIds, which);
    return id === undefined ? [] : [id];
  }
}

function pick<T>(list: readonly T[], number: number): T | undefined {
  return list[number % Math.max(list.length, 1)];
}
