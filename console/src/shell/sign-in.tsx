import { useEffect, useRef, useState } from "preact/hooks";
import { signIn } from "../live/session.ts";
import { type Failure, failureOf, retryAfterMs } from "../rpc/errors.ts";
import { signInNeeded } from "../rpc/sign-in-needed.ts";
import { CommandLine } from "../ui/command-line.tsx";
import { FailureNote } from "../ui/failure-note.tsx";
import { span } from "../ui/text.ts";

/** Asks for a token, in the place of the view, whose address stays. */
export function SignIn({ onSignedIn }: { onSignedIn(): Promise<void> }) {
  const [token, setToken] = useState("");
  const [failure, setFailure] = useState<Failure | null>(null);
  const [isRunning, setRunning] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);

  async function submit(): Promise<void> {
    setRunning(true);
    setFailure(null);
    try {
      await signIn(token.trim());
      await onSignedIn();
    } catch (error) {
      setFailure(withDelay(error));
      field.current?.select();
    } finally {
      setRunning(false);
    }
  }

  return (
    <form
      class="sign-in"
      aria-labelledby="sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isRunning) void submit();
      }}
    >
      <h1 id="sign-in">Sign in</h1>
      <p role="status">{whySignIn()}</p>
      <label>
        Token
        <input
          ref={field}
          type="password"
          name="token"
          autocomplete="current-password"
          required
          spellcheck={false}
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
      </label>
      <FailureNote failure={failure} />
      <button type="submit" class="primary" disabled={isRunning}>
        Sign in
      </button>
      <p class="muted">An admin creates a token, which is shown once:</p>
      <CommandLine command="sitq token create NAME --role operator --expires 90d" />
      <p class="muted">
        The browser keeps it as a cookie that no script can read, until it is closed. What you may do here is what the
        token may.
      </p>
    </form>
  );
}

/** What ended the session, or that there was none. */
function whySignIn(): string {
  const needed = signInNeeded.value;
  const isFirst = needed === null || needed.reason === "CREDENTIALS_REQUIRED";
  return isFirst ? `${location.host} shows this to those who have a token.` : needed.message;
}

/** A refusal with when to try again, where the server says that. */
function withDelay(error: unknown): Failure {
  const failure = failureOf(error);
  const delayMs = retryAfterMs(error);
  return delayMs === null ? failure : { ...failure, message: `${failure.message} Try again in ${span(delayMs)}.` };
}
