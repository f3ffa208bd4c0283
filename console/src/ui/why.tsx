import type { Explanation } from "../../../gen/sitq/v1/explanation_pb.js";
import { Age } from "./age.tsx";
import { Foreign } from "./foreign.tsx";
import { count } from "./text.ts";

/** Why something is not running, since when, and about when it will. Nothing where it runs or is finished. */
export function Why({ explanation }: { readonly explanation: Explanation | undefined }) {
  if (explanation === undefined || explanation.message === "") return null;
  const { message, sinceTime, position, expectedStartTime } = explanation;
  return (
    <span class="why">
      <Foreign text={message} />
      {position > 1n && `, number ${count(position)} in line`}
      {sinceTime !== undefined && (
        <span class="muted">
          {" "}
          (for <Age at={sinceTime} />)
        </span>
      )}
      {expectedStartTime !== undefined && (
        <span class="muted">
          , expected <Age at={expectedStartTime} suffix=" ago" />
        </span>
      )}
    </span>
  );
}
