import type { TaskError } from "../../../gen/sitq/v1/task_pb.js";
import { Foreign } from "./foreign.tsx";

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
        <Foreign text={message} most={8_192} />
      </p>
      {stackTrace !== "" && (
        <details>
          <summary>Where it went wrong</summary>
          <pre>
            <Foreign text={stackTrace} most={16_384} />
          </pre>
        </details>
      )}
    </div>
  );
}
