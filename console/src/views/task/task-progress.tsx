import type { TaskProgress } from "../../../../gen/sitq/v1/task_pb.js";
import { Age } from "../../ui/age.tsx";
import { Foreign } from "../../ui/foreign.tsx";

/** How far the handler is, as it reported last. */
export function TaskProgressBar({ progress: { fraction, message, updateTime } }: { readonly progress: TaskProgress }) {
  return (
    <p class="progress">
      <progress max={1} value={fraction} aria-label="Progress" />
      <strong>{Math.floor(fraction * 100)} %</strong>
      <Foreign text={message} most={1_024} />
      <span class="muted">
        reported <Age at={updateTime} suffix=" ago" />
      </span>
    </p>
  );
}
