import { effect, signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { route } from "../route.ts";
import { type Failure, failureOf } from "../rpc/errors.ts";
import { signInNeeded } from "../rpc/sign-in-needed.ts";
import { FailureNote } from "./failure-note.tsx";
import { notify } from "./notices.tsx";

/** A question before something is done. */
export interface Question {
  /** What will be done: `Cancel 12 tasks?` */
  readonly title: string;
  /** What that means, and for what. */
  readonly body?: ComponentChildren;
  /** The button that does it: `Cancel 12 tasks`. */
  readonly action: string;
  /** Whether it cannot be undone. */
  readonly isDestructive?: boolean;
  /** Whether it needs much room, as an editor does. */
  readonly isWide?: boolean;
  /** Does it; answers what was done, in one sentence. What it rejects with is shown, and the question stays. */
  run(work: Work): Promise<string>;
  /** Shows elsewhere what it rejects with, as at the fields of a form, and answers that the question is over. Default: it stays. */
  onRefused?(error: unknown): boolean;
}

/** What is done once a question is answered, for what takes long. */
export interface Work {
  /** Aborted by the button that stops it, and where the page is left. */
  readonly signal: AbortSignal;
  /** Says how far it is: `120 of 500`. */
  progress(text: string): void;
}

const asked = signal<Question | null>(null);
const running = signal<AbortController | null>(null);
const progress = signal("");
const failure = signal<Failure | null>(null);

/** Asks before it does something. */
export function ask(question: Question): void {
  // One that comes late, as after counting, must not be put below a hand that is about to press the button of another.
  if (asked.peek() !== null) {
    notify(`${question.title} Not asked, since another question was open.`);
    return;
  }
  failure.value = null;
  asked.value = question;
}

// What one principal is asked is not for the next, and the form to sign in could not be reached behind it.
effect(() => {
  if (signInNeeded.value !== null) leave();
});

/** Ends the question that is asked, with what is done for it. */
function leave(): void {
  running.peek()?.abort();
  asked.value = null;
}

async function run(question: Question): Promise<void> {
  const work = new AbortController();
  running.value = work;
  progress.value = "";
  failure.value = null;
  try {
    notify(
      await question.run({
        signal: work.signal,
        progress(text) {
          progress.value = text;
        },
      }),
    );
    if (asked.peek() === question) asked.value = null;
  } catch (error) {
    const found = work.signal.aborted ? stopped : failureOf(error);
    if (asked.peek() !== question) {
      if (signInNeeded.peek() === null) notify(`${question.title} ${found.message}`);
    } else if (question.onRefused?.(error)) asked.value = null;
    else failure.value = found;
  } finally {
    if (running.peek() === work) running.value = null;
  }
}

const stopped = failureOf(new Error("Stopped. What was done until then stays done."));

/** Shows the question that is asked. It is in the page once. */
export function ConfirmDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const question = asked.value;
  // Before what is done after the answer: closing it moves the focus back.
  useLayoutEffect(() => {
    if (question !== null && dialog.current?.open === false) dialog.current.showModal();
    if (question === null) dialog.current?.close();
  }, [question]);
  // A question belongs to the view that asks it. What already runs goes on, and can be stopped.
  const place = route.value.path.join("/");
  useLayoutEffect(
    () => () => {
      if (running.value === null) leave();
    },
    [place],
  );
  return (
    <dialog
      ref={dialog}
      class={question?.isWide ? "wide" : ""}
      aria-labelledby="question"
      // Not with the event of the close, which comes a moment later: the next question may be asked in between.
      onCancel={(event) => {
        if (running.value === null) leave();
        else event.preventDefault();
      }}
      // Browsers close it at the second Escape whatever the page says; and by then the next question may be open.
      onClose={() => {
        if (dialog.current?.open === false) leave();
      }}
    >
      {question !== null && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void run(question);
          }}
        >
          <h2 id="question">{question.title}</h2>
          {question.body}
          <FailureNote failure={failure.value} />
          {running.value !== null && <p role="status">Working. {progress.value}</p>}
          <div class="buttons">
            {running.value === null ? (
              <button type="button" onClick={leave}>
                Back
              </button>
            ) : (
              <button type="button" onClick={() => running.value?.abort()}>
                Stop
              </button>
            )}
            <button
              type="submit"
              class={question.isDestructive ? "danger" : "primary"}
              disabled={running.value !== null}
            >
              {question.action}
            </button>
          </div>
        </form>
      )}
    </dialog>
  );
}
