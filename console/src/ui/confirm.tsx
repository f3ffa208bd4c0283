import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { failureOf } from "../rpc/errors.ts";
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
  /** Does it; answers what was done, in one sentence. What it rejects with is shown, and the question stays. */
  run(): Promise<string>;
}

const asked = signal<Question | null>(null);
const isRunning = signal(false);
const failure = signal("");

/** Asks before it does something. */
export function ask(question: Question): void {
  failure.value = "";
  asked.value = question;
}

async function run(question: Question): Promise<void> {
  isRunning.value = true;
  try {
    notify(await question.run());
    asked.value = null;
  } catch (error) {
    failure.value = failureOf(error).message;
  } finally {
    isRunning.value = false;
  }
}

/** Shows the question that is asked. It is in the page once. */
export function ConfirmDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const question = asked.value;
  useEffect(() => {
    if (question !== null && dialog.current?.open === false) dialog.current.showModal();
    if (question === null) dialog.current?.close();
  }, [question]);
  return (
    <dialog
      ref={dialog}
      aria-labelledby="question"
      onCancel={(event) => {
        if (isRunning.value) event.preventDefault();
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
          {failure.value !== "" && (
            <p class="failure" role="alert">
              {failure.value}
            </p>
          )}
          <div class="buttons">
            <button type="button" disabled={isRunning.value} onClick={() => dialog.current?.close()}>
              Back
            </button>
            <button type="submit" class={question.isDestructive ? "danger" : "primary"} disabled={isRunning.value}>
              {question.action}
            </button>
          </div>
        </form>
      )}
    </dialog>
  );
}
