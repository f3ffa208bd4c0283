import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { Age, Took } from "../../ui/age.tsx";
import { Foreign } from "../../ui/foreign.tsx";
import { dateTime, msOf } from "../../ui/text.ts";
import type { Station } from "./stations.ts";

/** What a task went through, on a line with times. */
export function LifeLine({ stations }: { readonly stations: readonly Station[] }) {
  return (
    <ol class="life" aria-label="The task's life">
      {stations.map(({ name, detail, at, until, kind, isBad }, index) => (
        <li
          key={`${name} ${index}`}
          class={`${kind}${isBad ? " bad" : ""}`}
          aria-current={kind === "now" ? "step" : undefined}
        >
          <strong>{name}</strong>
          {detail !== "" && (
            <span>
              <Foreign text={detail} most={100} />
            </span>
          )}
          <Moment at={at} />
          {until !== undefined && (
            <span class="muted">
              took <Took from={at} to={until} isRunning={false} />
            </span>
          )}
          {kind === "now" && until === undefined && at !== undefined && (
            <span class="muted">
              <Age at={at} suffix=" ago" />
            </span>
          )}
          {kind === "future" && (
            <span class="muted">
              <Age at={at} suffix=" ago" />
            </span>
          )}
        </li>
      ))}
    </ol>
  );
}

function Moment({ at }: { readonly at: Timestamp | undefined }) {
  const ms = msOf(at);
  return ms === null ? null : <time dateTime={new Date(ms).toISOString()}>{dateTime(ms)}</time>;
}
