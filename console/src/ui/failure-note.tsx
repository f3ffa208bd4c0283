import type { Failure } from "../rpc/errors.ts";

/** Says that something could not be read, and why. Nothing without a failure. */
export function FailureNote({ failure, onRetry }: { readonly failure: Failure | null; readonly onRetry?: () => void }) {
  if (failure === null) return null;
  return (
    <p class="failure" role="alert">
      {failure.message}
      {failure.reason !== "" && <code>{failure.reason}</code>}
      {onRetry !== undefined && failure.isPassing && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </p>
  );
}
