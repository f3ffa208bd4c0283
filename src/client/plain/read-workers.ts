import { type Worker, WorkerSchema, type WorkerService } from "../../../gen/sitq/v1/worker_service_pb.js";
import type { Client } from "../../rpc/adapter/client.ts";
import { eachItem, type ListOptions } from "./pages.ts";
import { type Plain, toPlain } from "./plain.ts";

/** A worker as a plain object. */
export type WorkerRecord = Plain<Worker>;

/** Which workers are listed. */
export interface WorkerListOptions extends ListOptions {
  /** Only those that work this queue. Default: all. */
  readonly queue?: string;
}

/** Reads workers as plain objects. */
export interface WorkerReader {
  /** The workers that the server knows, by id. */
  list(options?: WorkerListOptions): AsyncIterable<WorkerRecord>;
}

/** Reads over a typed client. */
export function createWorkerReader(service: Client<typeof WorkerService>): WorkerReader {
  return {
    list({ queue = "", ...options } = {}) {
      return eachItem(options, async (page, call) => {
        const { workers, nextPageToken } = await service.listWorkers({ queue, ...page }, call);
        return { items: workers.map((worker) => toPlain(WorkerSchema, worker)), nextPageToken };
      });
    },
  };
}
