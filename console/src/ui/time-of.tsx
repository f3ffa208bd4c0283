import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { Age } from "./age.tsx";
import { dateTime, msOf } from "./text.ts";

/** A time in full, with how long ago it was. A dash: it is not set. */
export function TimeOf({ at }: { readonly at: Timestamp | undefined }) {
  const ms = msOf(at);
  if (ms === null) return <span class="muted">–</span>;
  return (
    <>
      {dateTime(ms)}{" "}
      <span class="muted">
        (<Age at={at} suffix=" ago" />)
      </span>
    </>
  );
}
