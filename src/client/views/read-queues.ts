import { type Queue, QueueSchema } from "../../../gen/sitq/v1/queue_pb.js";
import type { QueueService } from "../../../gen/sitq/v1/queue_service_pb.js";
import type { Client } from "../../grpc/client/client.ts";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import { fromPlain, type PlainOptions } from "./from-plain.ts";
import { eachItem, type ListOptions, listNames, present, type ReadOptions, readCall, readNames } from "./pages.ts";
import { type Plain, plainName, toPlain } from "./plain.ts";

/** A queue as a plain object: its settings, and what it holds. */
export type QueueRecord = Plain<Queue>;

/** What can be set of a queue; a member that is not there stays as it is. */
export type QueueSettings = Omit<
  PlainOptions<Queue>,
  "name" | "statistics" | "createTime" | "updateTime" | "settingChanges"
>;

/** How a queue is set. */
export interface QueueUpdateOptions extends ReadOptions {
  /** Why, for later readers of the queue. At most 1 KiB. */
  readonly reason?: string;
}

const updateNames: OptionNames<QueueUpdateOptions> = { ...readNames, reason: true };

/** Reads queues as plain objects, and sets them. */
export interface QueueReader {
  /** One queue, with who changed its settings. @throws CallError NOT_FOUND */
  get(name: string, options?: ReadOptions): Promise<QueueRecord>;
  /** Queues, by name. */
  list(options?: ListOptions): AsyncIterable<QueueRecord>;
  /**
   * Sets what is named, and creates the queue if it is not there: `update("mail", { strategy: "round_robin" })`.
   *
   * @throws CallError INVALID_ARGUMENT
   */
  update(name: string, settings: QueueSettings, options?: QueueUpdateOptions): Promise<QueueRecord>;
}

/** Creates a reader and writer over a typed client. */
export function createQueueReader(service: Client<typeof QueueService>): QueueReader {
  return {
    async get(name, options = {}) {
      const { queue } = await service.getQueue({ name }, readCall(options));
      return toPlain(QueueSchema, present(queue, "queue"));
    },
    list(options = {}) {
      refuseUnknown(options, listNames);
      return eachItem(options, async (page, call) => {
        const { queues, nextPageToken } = await service.listQueues(page, call);
        return { items: queues.map((queue) => toPlain(QueueSchema, queue)), nextPageToken };
      });
    },
    async update(name, settings, options = {}) {
      refuseUnknown(options, updateNames);
      const { reason = "", ...read } = options;
      const queue = fromPlain(QueueSchema, "queue", { ...settings, name });
      // Protobuf does not tell what is false or 0 from what is not set: the mask does.
      const set = QueueSchema.fields.filter((field) => plainName(field) in settings);
      const updateMask = { paths: set.map((field) => field.name) };
      const answer = await service.updateQueue({ queue, updateMask, allowMissing: true, reason }, readCall(read));
      return toPlain(QueueSchema, present(answer.queue, "queue"));
    },
  };
}
