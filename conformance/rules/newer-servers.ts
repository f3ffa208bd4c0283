import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { TaskState } from "../../gen/sitq/v1/task_pb.js";
import { type CancelCode, WorkResponse_TasksSchema, WorkResponseSchema } from "../../gen/sitq/v1/worker_service_pb.js";
import type { Rule } from "../judge/rule.ts";
import { scriptedTask, scriptedTasks } from "../script/task.ts";

const hourMs = 3_600_000;
/** A field that no message has: a text, `new`. */
const newField = { no: 1_977, wireType: 2, data: new Uint8Array([3, 110, 101, 119]) } as const;

/** Servers of later versions, with other clocks, and ones that read slowly. */
export const newerServerRules: readonly Rule[] = [
  {
    id: "unknown-messages",
    sentence: "Messages of a kind that the worker does not know, and empty ones, are ignored.",
    section: "protocol.md#a-session",
    mode: "worker",
    async run(trial) {
      const { server, proxy } = await trial.play();
      const unknown = create(WorkResponseSchema);
      unknown.$unknown = [newField];
      server.onHello = (stream) => {
        stream.sayAll(unknown);
        stream.welcome();
      };
      await trial.connectedWorker({ server, proxy });
      server.stream.sayAll(unknown);
      server.stream.sayAll(create(WorkResponseSchema));
      server.stream.tasks(scriptedTask("a", "echo", {}));
      await trial.until(() => server.outcomes.length === 1, "the task has an outcome");
      trial.expect(server.streams.length === 1, "the stream broke");
    },
  },
  {
    id: "unknown-fields",
    sentence: "Fields that the worker does not know are ignored, wherever they are.",
    section: "protocol.md#a-session",
    mode: "worker",
    async run(trial) {
      const { server, proxy } = await trial.play();
      await trial.connectedWorker({ server, proxy });
      const task = scriptedTask("a", "echo", { n: 1 });
      task.$unknown = [newField];
      if (task.payload !== undefined) task.payload.$unknown = [newField];
      const tasks = create(WorkResponse_TasksSchema, { tasks: [task] });
      tasks.$unknown = [newField];
      server.stream.say({ case: "tasks", value: tasks }, [newField]);
      await trial.until(() => server.outcomes.length === 1, "the task has an outcome");
      trial.expect(server.outcomes[0]?.outcome.case === "completed", "the task is not completed");
    },
  },
  {
    id: "unknown-enums",
    sentence:
      "Enum values that the worker does not know change nothing else: an attempt that `cancel` names stops whatever its code is.",
    section: "protocol.md#a-session",
    mode: "worker",
    async run(trial) {
      const { server, proxy } = await trial.play();
      const worker = await trial.connectedWorker({ server, proxy });
      server.stream.tasks(scriptedTask("a", "sleep", { seconds: 60 }, { state: 99 as TaskState }));
      await trial.until(() => worker.hasStarted("a"), "the handler began");
      server.stream.cancel("a", 1, 99 as CancelCode);
      await trial.until(() => worker.hasEnded("a", "cancelled"), "the handler was cancelled");
      server.stream.tasks(scriptedTask("b", "echo", {}));
      await trial.until(() => server.outcomesOf("b").length === 1, "the next task has an outcome");
      trial.expect(server.streams.length === 1, "the stream broke");
    },
  },
  {
    id: "clocks",
    sentence: "The server's clock may be an hour ahead or behind: the worker compares no timestamp with its own.",
    section: "protocol.md#times",
    mode: "worker",
    seconds: 7,
    async run(trial) {
      const { server, proxy } = await trial.play({ heartbeatMs: 1_000 });
      const worker = await trial.connectedWorker({ server, proxy });
      for (const [id, offMs] of [
        ["behind", -hourMs],
        ["ahead", hourMs],
      ] as const) {
        const nowMs = Date.now() + offMs;
        server.stream.heartbeat(nowMs);
        const times = {
          createTime: timestampFromMs(nowMs - 1_000),
          scheduleTime: timestampFromMs(nowMs),
          startTime: timestampFromMs(nowMs),
          expireTime: timestampFromMs(nowMs + 300_000),
        };
        server.stream.tasks(scriptedTask(id, "sleep", { seconds: 1 }, times));
        await trial.until(() => server.outcomesOf(id).length === 1, `the task of a server ${id} has an outcome`, 5_000);
        trial.expect(server.outcomesOf(id)[0]?.outcome.case === "completed", "the task is not completed");
      }
      await trial.pass(2_500);
      trial.expect(server.streams.length === 1, "the worker reconnected");
      trial.expect(worker.count("started") === 2, "a handler began again");
    },
  },
  {
    id: "slow-reader",
    sentence: "A server that reads nothing for a while gets every outcome afterwards, over the same stream.",
    section: "protocol.md#a-session",
    mode: "worker",
    seconds: 6,
    async run(trial) {
      const { server, proxy } = await trial.play();
      const worker = await trial.connectedWorker({ server, proxy }, { capacity: 100 });
      server.stream.pauseReading();
      server.stream.tasks(...scriptedTasks(100, "l", "large", { bytes: 100_000 }));
      await trial.until(() => worker.count("ended") === 100, "100 handlers returned");
      await trial.pass(2_500);
      server.stream.resumeReading();
      await trial.until(() => server.outcomes.length >= 100, "each of 100 tasks has an outcome", 30_000);
      trial.expect(server.streams.length === 1, "the stream broke");
      trial.expect(server.outcomes.length === 100, `${server.outcomes.length} outcomes came for 100 tasks`);
    },
  },
];
