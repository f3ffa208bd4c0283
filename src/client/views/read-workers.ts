import { type Worker, WorkerSchema, type WorkerService } from "../../../gen/sitq/v1/worker_service_pb.js";
import type { Client } from "../../grpc/client/client.ts";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import { eachItem, type ListOptions, listNames } from "./pages.ts";
import { type Plain, toPlain } from "./plain.ts";

/** A worker as a plain object. */
export type WorkerRecord = Plain<Worker>;

/** Which workers are listed. */
export interface WorkerListOptions extends ListOptions {
  /** Only those that work this queue. Default: all. */
  readonly queue?: string;
  /** Also those that were lost within the last hour and have not come back. Default: no. */
  readonly includeLost?: boolean;
}

const optionNames: OptionNames<WorkerListOptions> = { ...listNames, queue: true, includeLost: true };

/** Reads workers as plain objects. */
export interface WorkerReader {
  /** The workers that the server knows, by id. */
  list(options?: WorkerListOptions): AsyncIterable<WorkerRecord>;
}

/** Creates a reader over a typed client. */
export function createWorkerReader(service: Client<typeof WorkerService>): WorkerReader {
  return {
    list(options = {}) {
      refuseUnknown(options, optionNames);
      const { queue = "", includeLost = false, ...pages } = options;
      return eachItem(pages, async (page, call) => {
        const { workers, nextPageToken } = await service.listWorkers({ queue, includeLost, ...page }, call);
        return { items: workers.map((worker) => toPlain(WorkerSchema, worker)), nextPageToken };
      });
    },
  };
}
