import type { Worker } from "../../../../gen/sitq/v1/worker_service_pb.js";
import { rpc } from "../../rpc/clients.ts";
import { ask } from "../../ui/confirm.tsx";
import { counted } from "../../ui/text.ts";

/** Asks whether to drain a worker, and does it. */
export function askToDrain({ id, inFlight, queues }: Worker): void {
  ask({
    title: `Drain the worker ${id}?`,
    body: (
      <>
        <p>
          It gets no further task of {queues.join(", ")}. {holds(inFlight)}
        </p>
        <p>This lasts until the worker connects again, as after a restart.</p>
      </>
    ),
    action: "Drain it",
    async run({ signal }) {
      const { worker } = await rpc.workers.drainWorker({ workerId: id }, { signal });
      return `The worker ${id} drains. It still runs ${counted(worker?.inFlight ?? 0, "task")}.`;
    },
  });
}

function holds(inFlight: number): string {
  if (inFlight === 0) return "It runs none now.";
  return inFlight === 1
    ? "The task that it runs may finish."
    : `The ${counted(inFlight, "task")} that it runs may finish.`;
}
