import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { type Failure, failureOf } from "../rpc/errors.ts";
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
  failure.value = null;
  asked.value = question;
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
    asked.value = null;
  } catch (error) {
    if (question.onRefused?.(error)) asked.value = null;
    else failure.value = work.signal.aborted ? stopped : failureOf(error);
  } finally {
    running.value = null;
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
  return (
    <dialog
      ref={dialog}
      class={question?.isWide ? "wide" : ""}
      aria-labelledby="question"
      onCancel={(event) => {
        if (running.value !== null) event.preventDefault();
      }}
      onClose={() => {
        asked.value = null;
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
              <button type="button" onClick={() => dialog.current?.close()}>
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
