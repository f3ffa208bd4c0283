import { useEffect, useId, useRef } from "preact/hooks";
import { overview } from "../../live/overview.ts";
import { navigate } from "../../route.ts";
import { type StateWord, stateNames, type TaskQuery, type TextField, tasksHref } from "./task-query.ts";

interface FieldSpec {
  readonly field: TextField;
  readonly label: string;
  readonly hint?: string;
}

const firstFields: readonly FieldSpec[] = [
  { field: "queue", label: "Queue" },
  { field: "type", label: "Type" },
];
const moreFields: readonly FieldSpec[] = [
  { field: "correlation-id", label: "Correlation id" },
  { field: "worker", label: "Worker" },
  { field: "source", label: "Source" },
  { field: "attempt", label: "Attempt", hint: "3 or 3.. or 3..5" },
  { field: "priority", label: "Priority", hint: "3 or 3.. or 3..5" },
  { field: "state-age", label: "In its state for", hint: "10m" },
  { field: "since", label: "Created since", hint: "2026-11-29T15:00:00Z" },
  { field: "until", label: "Created before", hint: "2026-11-29T15:00:00Z" },
];
/** Suggestions cost the browser where there are 10,000 queues. */
const mostSuggestions = 200;

/** What the filter is made of. */
export interface FilterFormProps {
  readonly query: TaskQuery;
  /** What cannot be read, by field. */
  readonly problems: ReadonlyMap<TextField, string>;
}

/** The filter of the tasks. What it holds stands in the address. `f` puts the cursor into it. */
export function FilterForm({ query, problems }: FilterFormProps) {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => focusByKey("f", () => form.current?.querySelector("input")), []);
  const change = (part: Partial<TaskQuery>) => navigate(tasksHref({ ...query, ...part }));
  const setText = (field: TextField, text: string) => change({ texts: { ...query.texts, [field]: text } });
  const hasMore = moreFields.some(({ field }) => query.texts[field] !== undefined);

  const input = ({ field, label, hint }: FieldSpec) => (
    <FilterField
      key={field}
      label={label}
      text={query.texts[field] ?? ""}
      hint={hint}
      list={field === "queue" ? "queue-names" : undefined}
      problem={problems.get(field)}
      onText={(text) => setText(field, text)}
    />
  );

  return (
    <search>
      <form ref={form} class="task-filter" onSubmit={(event) => event.preventDefault()}>
        <div class="fields">
          {firstFields.map(input)}
          <ErrorFields query={query} onText={setText} onType={(error) => change({ error })} />
          <label>
            Order
            <select
              value={query.oldestFirst ? "oldest" : "newest"}
              onChange={(event) => change({ oldestFirst: event.currentTarget.value === "oldest" })}
            >
              <option value="newest">newest first</option>
              <option value="oldest">oldest first</option>
            </select>
          </label>
        </div>
        <fieldset class="states">
          <legend class="unseen">States</legend>
          {stateNames.map((word) => (
            <label key={word}>
              <input
                type="checkbox"
                checked={query.states.includes(word)}
                onChange={() => change({ states: toggled(query.states, word) })}
              />
              {word}
            </label>
          ))}
        </fieldset>
        <details open={hasMore}>
          <summary>More to filter by</summary>
          <div class="fields">{moreFields.map(input)}</div>
        </details>
        <datalist id="queue-names">
          {[...overview.value.queues.keys()].slice(0, mostSuggestions).map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </form>
    </search>
  );
}

interface ErrorFieldsProps {
  readonly query: TaskQuery;
  onText(field: TextField, text: string): void;
  onType(type: string | null): void;
}

/** The type and the text of the last error. An error without a type is not the same as any error. */
function ErrorFields({ query, onText, onType }: ErrorFieldsProps) {
  const { error, texts } = query;
  return (
    <>
      <div>
        <FilterField
          label="Error type"
          text={error ?? ""}
          hint={error === "" ? "without a type" : ""}
          onText={(text) => onType(text === "" ? null : text)}
        />
        {error === "" && (
          <button type="button" class="quiet" onClick={() => onType(null)}>
            Any error, or none
          </button>
        )}
      </div>
      <FilterField label="Error text" text={texts["error-text"] ?? ""} onText={(text) => onText("error-text", text)} />
    </>
  );
}

interface FilterFieldProps {
  readonly label: string;
  readonly text: string;
  readonly hint?: string | undefined;
  readonly list?: string | undefined;
  /** Why it cannot be read. */
  readonly problem?: string | undefined;
  onText(text: string): void;
}

/** A field that has the text of the address, and changes it once it is left or Enter is pressed. */
function FilterField({ label, text, hint, list, problem, onText }: FilterFieldProps) {
  const input = useRef<HTMLInputElement>(null);
  const problemId = useId();
  useEffect(() => {
    if (input.current !== null) input.current.value = text;
  }, [text]);
  return (
    <label>
      {label}
      <input
        ref={input}
        defaultValue={text}
        placeholder={hint}
        maxLength={300}
        spellcheck={false}
        list={list}
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? undefined : problemId}
        onChange={({ currentTarget }) => onText(currentTarget.value)}
      />
      {problem !== undefined && (
        <span id={problemId} class="problem">
          {problem}
        </span>
      )}
    </label>
  );
}

function toggled(states: readonly StateWord[], word: StateWord): StateWord[] {
  return states.includes(word) ? states.filter((each) => each !== word) : [...states, word];
}

/** Puts the cursor into a field by a key, unless somebody types. Answers what ends that. */
function focusByKey(key: string, find: () => HTMLElement | null | undefined): () => void {
  function onKey(event: KeyboardEvent): void {
    const isTyping =
      event.target instanceof Element && event.target.closest("input, textarea, select, dialog") !== null;
    if (event.key !== key || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    find()?.focus();
  }
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}
