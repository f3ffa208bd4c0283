import type { MessageInitShape } from "@bufbuild/protobuf";
import { onTestFinished } from "vitest";
import type { Task } from "../../../gen/sitq/v1/task_pb.js";
import {
  type OutcomeSchema,
  type SettledOutcome,
  SettleStatus,
  type WorkerService,
  type WorkRequest_HelloSchema,
  type WorkRequestSchema,
  type WorkResponse,
  type WorkResponse_Welcome,
} from "../../../gen/sitq/v1/worker_service_pb.js";
import type { Client } from "../../../src/grpc/client/client.ts";
import { createCondition } from "../condition.ts";

type Said = Extract<WorkResponse["message"], { case: string }>;
/** What each kind of message holds. */
type Values = { [S in Said as S["case"]]: S["value"] };
type OutcomeInit = MessageInitShape<typeof OutcomeSchema>;
type Ending = NonNullable<OutcomeInit["outcome"]>;
type Held = Pick<Task, "id" | "attempt">;

/** A worker's stream, driven by hand. */
export interface ScriptedWorker {
  readonly welcome: WorkResponse_Welcome;
  /** All that has come so far, in order. */
  readonly messages: readonly Said[];
  /** Every task that has come so far. */
  readonly tasks: readonly Task[];
  /** Says something. */
  send(message: MessageInitShape<typeof WorkRequestSchema>["message"]): void;
  /** The next message of its kind that nobody has asked for yet; it rejects if the stream ends before. */
  next<Case extends keyof Values>(kind: Case): Promise<Values[Case]>;
  /** Runs after every message, and when the stream has ended. */
  onMessage(listener: () => void): void;
  /** The next `n` tasks. */
  take(n: number): Promise<Task[]>;
  /** Sends outcomes in one message and answers what became of them. */
  settle(outcomes: readonly OutcomeInit[]): Promise<SettledOutcome[]>;
  /** Ends attempts all in one way; answers the names of what became of them. */
  end(tasks: readonly Held[], outcome: Ending): Promise<string[]>;
  /** `end` with results. */
  complete(...tasks: readonly Held[]): Promise<string[]>;
  /** Answers when the server has read everything that was sent, and has said everything that it had to say until then. */
  heard(): Promise<void>;
  /** Why the stream ended; `null`: cleanly. */
  readonly ended: Promise<unknown>;
  /** Says that nothing more is sent. */
  close(): void;
  /** Cuts the stream. */
  cut(): void;
}

/** What a test changes of a worker's `hello`. By default it works the queue `orders`, ten at a time. */
export type HelloInit = MessageInitShape<typeof WorkRequest_HelloSchema>;

/** Opens a worker's stream and waits for `welcome`. What is left of it is cut at the end of the test. */
export async function connectWorker(
  { worker }: { readonly worker: Client<typeof WorkerService> },
  hello: HelloInit = {},
): Promise<ScriptedWorker> {
  const call = worker.work();
  onTestFinished(() => call.cancel());
  const messages: Said[] = [];
  const tasks: Task[] = [];
  let unread: Said[] = [];
  const condition = createCondition();
  const listeners: (() => void)[] = [condition.changed];

  async function follow(): Promise<unknown> {
    try {
      for await (const { message } of call.responses) {
        if (message.case === undefined) throw new Error("The server said nothing that is known");
        messages.push(message);
        unread.push(message);
        if (message.case === "tasks") tasks.push(...message.value.tasks);
        for (const listener of listeners) listener();
      }
      return null;
    } catch (error) {
      return error;
    }
  }
  const ended = follow().then((why) => {
    condition.end(why);
    for (const listener of listeners) listener();
    return why;
  });

  async function next<Case extends keyof Values>(kind: Case): Promise<Values[Case]> {
    let found: Said | undefined;
    // Taken as it is found: two that wait get one each.
    const take = () => {
      found = unread.find((each) => each.case === kind);
      unread = unread.filter((each) => each !== found);
      return found !== undefined;
    };
    await condition.until(take, `${kind} came`);
    return found?.value as Values[Case];
  }

  const send: ScriptedWorker["send"] = (message) => void call.send({ message: message ?? { case: undefined } });

  async function settle(outcomes: readonly OutcomeInit[]): Promise<SettledOutcome[]> {
    send({ case: "outcomes", value: { outcomes: [...outcomes] } });
    return (await next("settled")).outcomes;
  }

  async function end(held: readonly Held[], outcome: Ending): Promise<string[]> {
    const settled = await settle(held.map(({ id, attempt }) => ({ taskId: id, attempt, outcome })));
    return settled.map(({ status }) => SettleStatus[status]);
  }

  const surplus: Task[] = [];
  send({ case: "hello", value: { workerId: "packer", queues: ["orders"], capacity: 10, ...hello } });
  return {
    welcome: await next("welcome"),
    messages,
    tasks,
    ended,
    send,
    next,
    settle,
    end,
    onMessage: (listener) => void listeners.push(listener),
    complete: (...held) => end(held, { case: "completed", value: {} }),

    async take(n) {
      while (surplus.length < n) surplus.push(...(await next("tasks")).tasks);
      return surplus.splice(0, n);
    },

    async heard() {
      // An outcome of a task that nobody has changes nothing and is answered after everything before it.
      const [answer] = await settle([{ taskId: "nobody", attempt: 1, outcome: { case: "completed", value: {} } }]);
      if (answer?.status !== SettleStatus.NOT_FOUND) throw new Error("Another settled came in between");
    },

    close: () => call.end(),
    cut: () => call.cancel(),
  };
}

/** Resolves once workers have been given so many tasks together, those that they have finished since included. */
export function givenTogether(workers: readonly ScriptedWorker[], n: number): Promise<void> {
  const condition = createCondition();
  for (const worker of workers) worker.onMessage(condition.changed);
  const isSo = () => workers.reduce((sum, { tasks }) => sum + tasks.length, 0) >= n;
  return condition.until(isSo, `${n} tasks were given`);
}
