import type { MessageInitShape } from "@bufbuild/protobuf";
import { onTestFinished } from "vitest";
import type { TaskChange, WatchTasksRequestSchema } from "../../gen/sitq/v1/queue_service_pb.js";
import { TaskState } from "../../gen/sitq/v1/task_pb.js";
import { createCondition } from "./condition.ts";
import type { TestServer } from "./server.ts";

/** Somebody who watches tasks and remembers what happened. */
export interface Watch {
  /** Every change so far, in order. */
  readonly changes: readonly TaskChange[];
  /** The states of one task so far, by their names; `DELETED` at its end. */
  statesOf(taskId: string): string[];
  /** Resolves once `n` changes have come. */
  count(n: number): Promise<void>;
  /** Resolves once a task has come into a state, even if it has left it since; `times` is how often. */
  state(taskId: string, state: TaskState, times?: number): Promise<void>;
  /** Why it ended; `null`: it did so cleanly. */
  readonly ended: Promise<unknown>;
  /** Goes away. */
  stop(): void;
}

/** Begins to watch; from its return on nothing is missed. It ends with the test. */
export async function watch(
  { queue }: Pick<TestServer, "queue">,
  request: MessageInitShape<typeof WatchTasksRequestSchema> = {},
): Promise<Watch> {
  const leave = new AbortController();
  onTestFinished(() => leave.abort());
  const changes: TaskChange[] = [];
  const condition = createCondition();
  const began = Promise.withResolvers<void>();

  async function follow(): Promise<unknown> {
    try {
      for await (const message of queue.watchTasks(request, { signal: leave.signal })) {
        began.resolve();
        changes.push(...message.changes);
        condition.changed();
      }
      return null;
    } catch (error) {
      return error;
    }
  }
  const ended = follow().then((why) => {
    began.reject(why);
    condition.end(why);
    return why;
  });

  await began.promise;
  return {
    changes,
    ended,
    statesOf: (taskId) =>
      changes
        .filter((change) => change.taskId === taskId)
        .map(({ state }) => (state === TaskState.UNSPECIFIED ? "DELETED" : TaskState[state])),
    count: (n) => condition.until(() => changes.length >= n, `${n} changes came`),
    state: (taskId, state, times = 1) =>
      condition.until(
        () => changes.filter((each) => each.taskId === taskId && each.state === state).length >= times,
        `${taskId} was ${TaskState[state]} ${times} times`,
      ),
    stop: () => leave.abort(),
  };
}
