import type { Queue } from "../../../../gen/sitq/v1/queue_pb.js";
import { rpc } from "../../rpc/clients.ts";
import { ask } from "../../ui/confirm.tsx";
import { counted } from "../../ui/text.ts";
import { ReasonField } from "./reason-field.tsx";

/** What has to be known of a queue for it, as the contract's messages of queues have it. */
type PausableQueue = Pick<Queue, "name" | "paused" | "statistics">;

/** Asks whether a queue is to hand out nothing, or to hand out again, and does it. */
export function askToPause({ name, paused, statistics }: PausableQueue, onChanged?: () => void): void {
  let reason = "";
  const waiting = counted(statistics?.pending ?? 0n, "task");
  const running = counted(statistics?.running ?? 0n, "task");
  ask({
    title: paused ? `Resume queue ${name}?` : `Pause queue ${name}?`,
    body: (
      <>
        <p>
          {paused
            ? `Its tasks are handed out to its workers again, ${waiting} at once.`
            : `It hands out no task until it is resumed. ${waiting} that could start now, and those that come, wait; ${running} that run may finish.`}
        </p>
        <ReasonField
          onInput={(text) => {
            reason = text;
          }}
        />
      </>
    ),
    action: paused ? "Resume" : "Pause",
    async run({ signal }) {
      const change = { queue: { name, paused: !paused }, updateMask: { paths: ["paused"] }, reason };
      await rpc.queues.updateQueue(change, { signal });
      onChanged?.();
      return `Queue ${name} is ${paused ? "resumed" : "paused"}.`;
    },
  });
}
