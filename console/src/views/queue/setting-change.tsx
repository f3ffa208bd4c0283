import type { Queue } from "../../../../gen/sitq/v1/queue_pb.js";
import { Age } from "../../ui/age.tsx";
import { Foreign } from "../../ui/foreign.tsx";

/** Who changed a setting last, when, from what and why. */
export function SettingChange({ queue, field }: { readonly queue: Queue; readonly field: string }) {
  const change = queue.settingChanges.find((each) => each.field === field);
  if (change === undefined) return <p class="sub">No change is recorded.</p>;
  const { principal, changeTime, previousValue, reason } = change;
  return (
    <p class="sub">
      Changed{" "}
      {principal !== "" && (
        <>
          by <strong>{principal}</strong>{" "}
        </>
      )}
      <Age at={changeTime} suffix=" ago" />
      {principal === "" && " while authentication was off"}; before:{" "}
      <Foreign text={previousValue === "" ? "not set" : previousValue} most={100} />
      {reason !== "" && (
        <>
          .{" "}
          <q>
            <Foreign text={reason} most={300} />
          </q>
        </>
      )}
    </p>
  );
}
