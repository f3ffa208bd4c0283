import type { MessageInitShape } from "@bufbuild/protobuf";
import { TaskSchema } from "../../../gen/sitq/v1/task_pb.js";
import {
  SettledOutcomeSchema,
  type TaskLeaseSchema,
  type WorkRequest,
  type WorkResponseSchema,
} from "../../../gen/sitq/v1/worker_service_pb.js";
import { limits } from "../../contract/limits.ts";
import { inMessages } from "../../contract/message-size.ts";
import type { Clock } from "../../domain/clock.ts";
import { invalidField, SitqError } from "../../domain/errors.ts";
import type { LeaseRef } from "../../domain/lease.ts";
import type { Log } from "../../domain/log.ts";
import { helloExpected, helloRepeated } from "../../domain/refusals/workers.ts";
import type { Outbound } from "../../grpc/handlers.ts";
import { forEachMessage } from "../../grpc/inbound-stream.ts";
import { madeInTurn } from "../../grpc/made-in-turn.ts";
import { wasEndedByTooLarge } from "../../grpc/server/call-guard.ts";
import { sentBytes } from "../../queue/dispatch/encoded-size.ts";
import type { QueueSystem } from "../../queue/queue-system.ts";
import type { WorkerChannel } from "../../queue/workers/worker-channel.ts";
import type { WorkerSession } from "../../queue/workers/worker-session.ts";
import type { RpcContext } from "../calls/rpc-context.ts";
import { parseInteger } from "../convert/checks.ts";
import { toClaimedTask } from "../convert/task.ts";
import { toDuration, toTimestamp } from "../convert/times.ts";
import { IdleMessages } from "../limits/idle-messages.ts";
import type { OversizedMessages } from "./oversized-messages.ts";
import { fromHello, fromOutcomes, fromProgressList, type OutcomeRules } from "./reports.ts";
import { toCancelledTask, toDrainReason, toSettled } from "./settled.ts";

/** A response as it is written. */
type Response = MessageInitShape<typeof WorkResponseSchema>;

/** What a stream needs. */
export interface WorkStreamOptions extends OutcomeRules {
  readonly queueSystem: QueueSystem;
  readonly clock: Clock;
  readonly log: Log;
  readonly oversized: OversizedMessages;
  /** How many messages without work one stream may send in a minute. */
  readonly maxIdleMessages: number;
}

/** Serves one worker's stream from `hello` to its end. */
export async function serveWorkStream(
  options: WorkStreamOptions,
  requests: AsyncIterable<WorkRequest>,
  context: RpcContext,
  out: Outbound<Response>,
): Promise<void> {
  const { queueSystem, log, oversized } = options;
  const { signal, peer } = context;
  const ended = Promise.withResolvers<void>();
  const channel = createChannel(out, options, (error) => (error === null ? ended.resolve() : ended.reject(error)));
  const idle = new IdleMessages(options.clock, options.maxIdleMessages);
  let session: WorkerSession | null = null;

  async function read(): Promise<void> {
    await forEachMessage(requests, (request) => (session === null ? begin(request) : handle(session, request.message)));
    // A worker that has half-closed still gets the answers to its outcomes.
    session?.leave();
    await session?.answered();
  }

  async function begin(first: WorkRequest): Promise<void> {
    const { message } = first;
    if (message.case !== "hello") throw helloExpected();
    await context.check(first);
    const hello = fromHello(message.value, context.principal);
    session = await queueSystem.connect(hello, channel);
    log.info({ worker_id: session.id, queues: session.queues, peer }, "worker connected");
  }

  function handle(to: WorkerSession, message: WorkRequest["message"]): void {
    switch (message.case) {
      case "hello":
        throw helloRepeated();
      case "outcomes": {
        if (message.value.outcomes.length === 0) idle.count();
        const lease = { workerId: to.id, leaseKind: "stream" } as const;
        const outcomes = fromOutcomes("outcomes.outcomes", message.value.outcomes, lease, options);
        oversized.wasHeard(to);
        to.outcomes(outcomes).catch(ended.reject);
        return;
      }
      case "heartbeat":
        if (message.value.progress.length === 0) idle.count();
        to.heartbeat(fromProgressList(message.value.progress)).catch(ended.reject);
        return;
      case "capacity":
        idle.count();
        to.setCapacity(parseInteger("capacity.n", message.value.n, 0, limits.workerCapacity));
        return;
      case undefined:
        throw invalidField("message", "hello, outcomes, heartbeat or capacity is required");
    }
  }

  const reading = read();
  // Whichever comes last is not waited for, and must not go unheard.
  reading.catch(() => undefined);
  ended.promise.catch(() => undefined);
  try {
    await Promise.race([reading, ended.promise]);
  } finally {
    const gone: WorkerSession | null = session;
    if (gone !== null && wasEndedByTooLarge(context)) oversized.ended(gone);
    // Its rights have ended: what it holds is offered to others at once.
    if (gone !== null && signal.reason instanceof SitqError) queueSystem.forfeit(gone);
    disconnect(gone);
  }

  function disconnect(gone: WorkerSession | null): void {
    gone?.disconnected();
    if (gone !== null) log.info({ worker_id: gone.id, cut: signal.aborted }, "worker disconnected");
  }
}

/** The worker's end of the stream, in the words of the use cases. */
function createChannel(
  out: Outbound<Response>,
  { clock, log }: WorkStreamOptions,
  end: (error: SitqError | null) => void,
): WorkerChannel {
  const say = (message: Response["message"] & object) => out.send({ message });

  return {
    welcome({ workerId, heartbeatIntervalMs, leaseDurationMs, kept, lost }) {
      const value = {
        workerId,
        heartbeatInterval: toDuration(heartbeatIntervalMs),
        leaseDuration: toDuration(leaseDurationMs),
        kept: kept.map(toTaskLease),
        lost: lost.map(toTaskLease),
      };
      say({ case: "welcome", value });
    },

    tasks(tasks) {
      let room = true;
      for (const part of inMessages(tasks, sentBytes)) {
        room = say({ case: "tasks", value: { tasks: madeInTurn(TaskSchema, part, toClaimedTask) } });
      }
      return room;
    },

    settled(outcomes, statuses) {
      const messages = madeInTurn(SettledOutcomeSchema, outcomes, (outcome, index) =>
        toSettled(outcome, statuses[index] ?? "not_found", log),
      );
      return say({ case: "settled", value: { outcomes: messages } });
    },

    cancel: (tasks) => say({ case: "cancel", value: { tasks: tasks.map(toCancelledTask) } }),
    drain: (graceMs, reason) =>
      say({ case: "drain", value: { grace: toDuration(graceMs), reason: toDrainReason(reason) } }),
    heartbeat: () => say({ case: "heartbeat", value: { serverTime: toTimestamp(clock.now()) } }),
    end,
    onWritable: (listener) => void out.drained().then(listener),
  };
}

function toTaskLease({ taskId, attempt }: LeaseRef): MessageInitShape<typeof TaskLeaseSchema> {
  return { taskId, attempt };
}
