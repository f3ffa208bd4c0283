import type { ListWorkersResponse, Worker, WorkerState } from "../../../../gen/sitq/v1/worker_service_pb.js";

/** Which workers are shown. */
export interface WantedWorkers {
  /** Empty: of every queue. */
  readonly queue: string;
  /** `null`: in every state. */
  readonly state: WorkerState | null;
  /** Empty: the first page. */
  readonly page: string;
}

/** Some workers. */
export interface WorkerPage {
  readonly workers: readonly Worker[];
  /** Empty: this is the last page. */
  readonly next: string;
}

const pageSize = 100;
/** The server does not filter by state: so many are read at a time, and at most so many times for one page. */
const scanSize = 1_000;
const mostScans = 10;

/** Reads a page of workers, those too that were lost within the last hour. A page of one state can be empty and still have a next one. */
export async function readWorkers(
  wanted: WantedWorkers,
  list: (request: {
    readonly queue: string;
    readonly pageSize: number;
    readonly pageToken: string;
    readonly includeLost: true;
  }) => Promise<ListWorkersResponse>,
): Promise<WorkerPage> {
  const { queue, state, page } = wanted;
  const read = (pageToken: string, pageSize: number) => list({ queue, pageSize, pageToken, includeLost: true });
  if (state === null) {
    const { workers, nextPageToken } = await read(page, pageSize);
    return { workers, next: nextPageToken };
  }
  let next = page;
  for (let scans = 0; scans < mostScans; scans++) {
    const answer = await read(next, scanSize);
    const workers = answer.workers.filter((worker) => worker.state === state);
    next = answer.nextPageToken;
    if (workers.length > 0 || next === "") return { workers, next };
  }
  return { workers: [], next };
}
