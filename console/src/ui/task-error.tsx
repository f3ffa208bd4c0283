import type { TaskError } from "../../../gen/sitq/v1/task_pb.js";
import { CutText } from "./cut-text.tsx";
import { Foreign } from "./foreign.tsx";
import { LongText } from "./long-text.tsx";

/** Why an attempt did not complete: its type, its message, and where it went wrong to open. Nothing without an error. */
export function TaskErrorView({ error }: { readonly error: TaskError | undefined }) {
  if (error === undefined) return null;
  const { type, message, stackTrace } = error;
  return (
    <div class="error">
      <p>
        {type !== "" && (
          <code>
            <Foreign text={type} />
          </code>
        )}{" "}
        <CutText text={message} />
      </p>
      {stackTrace !== "" && (
        <details>
          <summary>Stack trace</summary>
          <LongText text={stackTrace} />
        </details>
      )}
    </div>
  );
}
