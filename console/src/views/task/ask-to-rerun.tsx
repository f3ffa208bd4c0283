import { signal } from "@preact/signals";
import type { Task } from "../../../../gen/sitq/v1/task_pb.js";
import { href, navigate } from "../../route.ts";
import { rpc } from "../../rpc/clients.ts";
import { ask } from "../../ui/confirm.tsx";
import { newRequestId } from "./new-request-id.ts";
import { type Draft, type DraftForm, draftForms, draftOf, readDraft } from "./payload-draft.ts";

const formWords: Readonly<Record<DraftForm, string>> = {
  same: "the payload as it is",
  JSON: "JSON",
  text: "text, as bytes",
  base64: "base64, as bytes",
  empty: "an empty payload",
};

/**
 * Asks before a finished task is run again, with its payload or a changed one.
 *
 * @param mayRead whether who asks sees the payload; if not, it can only be replaced
 */
export function askToRerun({ id, queue, type, payload }: Task, mayRead: boolean): void {
  const draft = signal<Draft>({ ...draftOf(payload), form: "same" });
  const problem = signal<string | null>(null);
  const messageType = payload?.kind.case === "message" ? payload.kind.value.typeUrl : "";
  /** A repeat of the same request is safe; another payload is another request. */
  const requests = new Map<string, string>();

  function change(part: Partial<Draft>): void {
    draft.value = { ...draft.value, ...part };
    problem.value = readDraft(draft.value, payload).problem;
  }

  function Body() {
    const { form, text } = draft.value;
    const isWritten = form !== "same" && form !== "empty";
    return (
      <>
        <p>A new task with the queue, type, headers and settings of this one is enqueued. This one stays as it is.</p>
        <label class="field">
          With
          <select
            value={form}
            onChange={({ currentTarget }) => {
              const chosen = draftForms.find((each) => each === currentTarget.value) ?? "same";
              const begun = draftOf(payload);
              change({ form: chosen, ...(begun.form === chosen && text === "" && { text: begun.text }) });
            }}
          >
            {draftForms.map((each) => (
              <option key={each} value={each}>
                {each === "base64" && messageType !== "" ? `base64, as ${messageType}` : formWords[each]}
              </option>
            ))}
          </select>
        </label>
        {!mayRead && <p class="muted">The old payload is not shown to you.</p>}
        {isWritten && (
          <label class="field">
            Payload
            <textarea
              class="mono"
              rows={14}
              spellcheck={false}
              value={text}
              aria-invalid={problem.value !== null}
              aria-describedby="payload-problem"
              onInput={({ currentTarget }) => change({ text: currentTarget.value })}
            />
          </label>
        )}
        <p id="payload-problem" class="problem" aria-live="polite">
          {problem.value ?? ""}
        </p>
      </>
    );
  }

  ask({
    title: `Run ${type} of ${queue} again?`,
    body: <Body />,
    action: "Run it again",
    isWide: true,
    async run({ signal: stop }) {
      const read = readDraft(draft.value, payload);
      if (read.problem !== null) throw new Error(read.problem);
      const key = JSON.stringify(draft.value);
      const requestId = requests.get(key) ?? newRequestId();
      requests.set(key, requestId);
      const request = { taskId: id, requestId, ...(read.payload !== undefined && { payload: read.payload }) };
      const { task } = await rpc.queues.rerunTask(request, { signal: stop });
      if (task !== undefined) navigate(href(["task", task.id]));
      return `It runs again as ${task?.id ?? "a new task"}.`;
    },
  });
}
