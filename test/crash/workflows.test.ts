import { setTimeout as pause } from "node:timers/promises";
import { expect, it } from "vitest";
import { QueueService } from "../../gen/sitq/v1/queue_service_pb.js";
import { AttemptOutcome, type Task, TaskState } from "../../gen/sitq/v1/task_pb.js";
import { SettleStatus } from "../../gen/sitq/v1/worker_service_pb.js";
import {
  CompensationState,
  type Workflow,
  WorkflowService,
  WorkflowState,
} from "../../gen/sitq/v1/workflow_service_pb.js";
import { clientLogOf } from "../../src/client/connection/client-log.ts";
import { createOutages } from "../../src/client/connection/outages.ts";
import { awaitWorkflow, fromPayload, WorkflowFailedError } from "../../src/client/index.ts";
import { createClient } from "../../src/grpc/client/client.ts";
import { json, present } from "../harness/calls/tasks.ts";
import type { StartInit, StepInit } from "../harness/calls/workflows.ts";
import { createCondition } from "../harness/condition.ts";
import { faultsMs } from "./harness/data/database-faults.ts";
import { createHistory } from "./harness/history.ts";
import { startKillHarness } from "./harness/kill-harness.ts";
import { type Lease, startStreamWorker } from "./harness/stream-worker.ts";
import { answerOf } from "./harness/until-answered.ts";
import { writeFaults } from "./harness/write-faults.ts";

/** How often the server is killed: SITQ_CRASH_KILLS, 3 by default (`npm run torture -- kill` takes 20); each time while another part of the workflows has begun. */
const kills = Number(process.env.SITQ_CRASH_KILLS ?? 3);
const workflowCount = 200;
/** So many hand-outs come of what begins between two kills, whatever becomes of its steps; a kill comes after a part of them. */
const handOutsALife = Math.floor((4 * workflowCount) / kills);

/** What the workers were given and said, in the order in which they were and did. */
interface WorkHistory {
  /** Hand-outs, with what the worker had been told by then. */
  readonly handOuts: { readonly task: Task; readonly at: number }[];
  /** By task id: when it was first said to be completed, and when that was first acknowledged. */
  readonly said: Map<string, number>;
  readonly acknowledged: Map<string, number>;
}

/** One beginning, three side by side, one that joins them, and an end; the results are checked by what is done with them. */
function requestFor(number: number): StartInit {
  const queue = number % 2 === 0 ? "crash-a" : "crash-b";
  const step = (stepId: string, dependsOn: string[], more: StepInit = {}): StepInit => ({
    stepId,
    serviceName: queue,
    action: stepId,
    dependsOn,
    maxRetries: 20,
    retryPolicy: { initialBackoff: { seconds: 0n, nanos: 10_000_000 }, multiplier: 1 },
    ...more,
  });
  const undoable = { compensateWith: "undo" };
  return {
    name: "crash",
    requestId: `w-${number}`,
    input: json({ number, fails: number % 10 === 3 }),
    steps: [
      step("begin", [], undoable),
      step("left", ["begin"], { ...undoable, parameters: json("${results.begin}/left") }),
      step("middle", ["begin"], undoable),
      step("right", ["begin"], undoable),
      step("join", ["left", "middle", "right"], {
        parameters: json({ fails: "${input.fails}", of: "${results.left}" }),
      }),
      step("end", ["join"]),
    ],
  };
}

it(
  `finishes each of ${workflowCount} workflows exactly once through ${kills} kills`,
  async () => {
    const harness = await startKillHarness();
    const outages = createOutages("the server", clientLogOf("silent"));
    const { channel, random } = harness;
    const workflow = createClient(WorkflowService, channel);
    const queue = createClient(QueueService, channel);

    const history = createHistory();
    const handedOut = createCondition();
    const work: WorkHistory = { handOuts: [], said: new Map(), acknowledged: new Map() };
    let clock = 0;
    const workers = ["w1", "w2", "w3"].map((workerId, index) => {
      const completing = new Set<string>();
      const worker = startStreamWorker({
        address: harness.from(index),
        workerId,
        queues: ["crash-a", "crash-b"],
        capacity: 12,
        events: {
          task(task) {
            work.handOuts.push({ task, at: clock++ });
            handedOut.changed();
            void pause(random.integer(5, 120)).then(() => finish(task));
          },
          settled({ taskId, attempt }, status) {
            const isAcknowledged = status === SettleStatus.SETTLED && completing.has(`${taskId}/${attempt}`);
            if (isAcknowledged && !work.acknowledged.has(taskId)) work.acknowledged.set(taskId, clock++);
          },
        },
      });
      function finish(task: Task): void {
        const lease: Lease = { taskId: task.id, attempt: task.attempt };
        const mustFail = task.type === "join" && JSON.stringify(fromPayload(task.payload)).includes('"fails":true');
        if (mustFail || (task.attempt === 1 && random.chance(0.1))) {
          const error = { message: mustFail ? "for good" : "once" };
          worker.settle(lease, { case: "failed", value: { error, terminal: mustFail } });
          return;
        }
        if (!work.said.has(task.id)) work.said.set(task.id, clock++);
        completing.add(`${task.id}/${task.attempt}`);
        worker.settle(lease, { case: "completed", value: { result: json(`${task.type} of ${task.id}`) } });
      }
      return worker;
    });

    // A part of the workflows begins, and the server is killed while they run.
    const starting: Promise<string>[] = [];
    const startOne = async (number: number) => {
      const start = () => workflow.startWorkflow(requestFor(number), { timeoutMs: 5_000 });
      return present((await answerOf(history, start)).workflow).id;
    };
    let interrupted = 0;
    for (let kill = 0; kill < kills; kill++) {
      await harness.started();
      while (starting.length < (workflowCount * (kill + 1)) / kills) starting.push(startOne(starting.length));
      const last = work.handOuts.length + random.integer(1, handOutsALife);
      await handedOut.until(() => work.handOuts.length >= last, "enough was handed out");
      await pause(random.integer(0, 50));
      const completed = work.acknowledged.size;
      interrupted += workers.reduce((sum, { inHand }) => sum + inHand.size, 0);
      await harness.kill({ requestIds: [], completed });
      const acknowledged = () => ({ requestIds: [], completed: work.acknowledged.size });
      await harness.hurt(kill + 1, kills, acknowledged);
    }

    // The healing: every workflow comes to rest.
    await harness.started();
    const ids = await Promise.all(starting);
    const ended = await Promise.all(
      ids.map((id) =>
        awaitWorkflow({ workflow, queue, outages }, id, { timeoutMs: 120_000 }).then(
          (done) => done.workflow,
          (error: unknown) => (error instanceof WorkflowFailedError ? error.workflow : Promise.reject(error)),
        ),
      ),
    );
    await Promise.all(workers.map((worker) => worker.stop()));

    expect(new Set(ids).size).toBe(workflowCount);
    expect(await countWorkflows()).toBe(workflowCount);
    const attempts = await readAttempts(ended);
    const faults = ended.flatMap((each, number) => faultsOf(each, number, attempts)).concat(faultsOfHistory(ended));
    process.stdout.write(
      `crash test of workflows, seed ${harness.seed}: ${kills} kills, ${work.handOuts.length} hand-outs, ` +
        `${interrupted} steps running when it was killed, ${faults.length} faults\n`,
    );
    writeFaults({ faults });
    expect(faults).toEqual([]);
    expect(interrupted).toBeGreaterThan(kills);

    expect(await harness.stop({ requestIds: [], completed: work.acknowledged.size })).toEqual([]);

    async function countWorkflows(): Promise<number> {
      let count = 0;
      let pageToken = "";
      do {
        const page = await answerOf(history, () => workflow.listWorkflows({ pageSize: 1_000, pageToken }));
        count += page.workflows.length;
        pageToken = page.nextPageToken;
      } while (pageToken !== "");
      return count;
    }

    /** How the attempts of every task ended, by task id. */
    async function readAttempts(workflows: readonly Workflow[]): Promise<ReadonlyMap<string, AttemptOutcome[]>> {
      const taskIds = workflows.flatMap(({ steps }) =>
        steps.flatMap(({ taskId, compensation }) => [taskId, ...(compensation ? [compensation.taskId] : [])]),
      );
      const read = async (taskId: string) => {
        const { task } = await answerOf(history, () => queue.getTask({ taskId }));
        return [taskId, present(task).attempts.map(({ outcome }) => outcome)] as const;
      };
      return new Map(await Promise.all(taskIds.map(read)));
    }

    /** What must never have been: work that was acknowledged and handed out again, or begun before what it depends on. */
    function faultsOfHistory(workflows: readonly Workflow[]): string[] {
      const dependencies = new Map(
        workflows.flatMap(({ steps }) =>
          steps.map(
            ({ taskId, dependsOn }) => [taskId, steps.filter(({ stepId }) => dependsOn.includes(stepId))] as const,
          ),
        ),
      );
      return work.handOuts.flatMap(({ task, at }) => {
        const name = `${task.id} (${task.type}) attempt ${task.attempt}`;
        const acknowledgedAt = work.acknowledged.get(task.id) ?? Number.POSITIVE_INFINITY;
        const before = dependencies.get(task.id) ?? [];
        return [
          ...(acknowledgedAt < at ? [`${name} was handed out after its completion was acknowledged`] : []),
          ...before.flatMap(({ taskId, stepId, result }) => [
            ...((work.said.get(taskId) ?? Number.POSITIVE_INFINITY) < at
              ? []
              : [`${name} began before ${stepId} was done`]),
            ...(fromPayload(task.results[stepId]) === fromPayload(result)
              ? []
              : [`${name} got another result of ${stepId}`]),
          ]),
        ];
      });
    }
  },
  120_000 + kills * 15_000 + faultsMs,
);

/** What is wrong with how a workflow stands in the end. */
function faultsOf(
  { id, state, compensationState, steps }: Workflow,
  number: number,
  attempts: ReadonlyMap<string, readonly AttemptOutcome[]>,
): string[] {
  const mustFail = number % 10 === 3;
  const told = `${id}: ${WorkflowState[state]} ${CompensationState[compensationState]}, ${steps
    .map((step) => `${step.stepId} ${TaskState[step.state]}`)
    .join(", ")}`;
  const completions = (taskId: string | undefined) =>
    (attempts.get(taskId ?? "") ?? []).filter((outcome) => outcome === AttemptOutcome.COMPLETED).length;
  const isAsItShould = mustFail
    ? state === WorkflowState.FAILED && compensationState === CompensationState.COMPLETED
    : state === WorkflowState.COMPLETED && compensationState === CompensationState.UNSPECIFIED;
  return [
    ...(isAsItShould ? [] : [told]),
    ...steps.flatMap(({ stepId, taskId, compensation, compensateWith }) => {
      const isDone = !mustFail || (stepId !== "join" && stepId !== "end");
      const isUndone = mustFail && compensateWith !== "";
      return [
        ...(completions(taskId) === (isDone ? 1 : 0)
          ? []
          : [`${told}; ${stepId} was completed ${completions(taskId)} times`]),
        ...((compensation !== undefined) === isUndone ? [] : [`${told}; ${stepId} has the wrong undoing`]),
        ...(!isUndone || completions(compensation?.taskId) === 1 ? [] : [`${told}; ${stepId} was not undone once`]),
      ];
    }),
  ];
}
