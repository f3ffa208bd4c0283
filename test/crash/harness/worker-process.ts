/** A worker in a process of its own: it tells its parent what it hears, and says of its tasks what its parent tells it. */

import { SettleStatus } from "../../../gen/sitq/v1/worker_service_pb.js";
import { type Lease, startStreamWorker } from "./stream-worker.ts";

/** What the process tells. */
export type WorkerNews =
  | { readonly event: "welcome"; readonly kept: readonly Lease[]; readonly lost: readonly Lease[] }
  | { readonly event: "task"; readonly type: string; readonly lease: Lease }
  | { readonly event: "settled"; readonly lease: Lease; readonly status: keyof typeof SettleStatus };

/** What the process is told to complete. */
export type WorkerOrder = Lease & { readonly result: string };

const [address = "", workerId = "", queue = "", incarnation = ""] = process.argv.slice(2);
const tell = (news: WorkerNews) => process.send?.(news);
const bare = ({ taskId, attempt }: Lease): Lease => ({ taskId, attempt });

const worker = startStreamWorker({
  address,
  workerId,
  incarnation,
  queues: [queue],
  capacity: 10,
  events: {
    welcome: (kept, lost) => tell({ event: "welcome", kept: kept.map(bare), lost: lost.map(bare) }),
    task({ id, attempt, type }) {
      // A handler that takes its whole process with it.
      if (type === "poison") process.kill(process.pid, "SIGKILL");
      tell({ event: "task", type, lease: { taskId: id, attempt } });
    },
    settled(lease, status) {
      const names = Object.keys(SettleStatus) as (keyof typeof SettleStatus)[];
      const name = names.find((each) => SettleStatus[each] === status) ?? "UNSPECIFIED";
      tell({ event: "settled", lease, status: name });
    },
  },
});

process.on("message", ({ taskId, attempt, result }: WorkerOrder) => {
  const kind = { case: "json" as const, value: { kind: { case: "stringValue" as const, value: result } } };
  worker.settle({ taskId, attempt }, { case: "completed", value: { result: { kind } } });
});
process.on("disconnect", () => process.exit());
