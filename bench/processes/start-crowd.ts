import { startWorkers, type WorkerProcesses } from "./worker-processes.ts";

/** Connects workers that wait, from one process: each for ten of the queues that `fillDatabase` makes. */
export function startCrowd(address: string, count: number): Promise<WorkerProcesses> {
  const queues = Array.from({ length: count }, (_, worker) =>
    Array.from({ length: 10 }, (_, queue) => `queue-${worker * 10 + queue + 1}`),
  );
  return startWorkers(1, { address, workers: queues, capacity: 10 });
}
