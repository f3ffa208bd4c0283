import { useEffect, useRef, useState } from "preact/hooks";
import { findPlaces, type Place } from "../live/find-places.ts";
import { navigate, route } from "../route.ts";

/** Leads to what has an id, a correlation id or a name. `/` puts the cursor here. */
export function GoTo() {
  const [text, setText] = useState("");
  /** What has the id; `null`: nothing was looked for, or it has led somewhere. */
  const [places, setPlaces] = useState<readonly Place[] | null>(null);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => focusBySlash(field), []);
  // Whatever led there, the answer is done with.
  const at = route.value;
  useEffect(() => setPlaces(null), [at]);

  async function go(): Promise<void> {
    const wanted = text.trim();
    if (wanted === "") return;
    const found = await findPlaces(wanted);
    const [only, ...others] = found;
    if (only === undefined || others.length > 0) return setPlaces(found);
    setText("");
    setPlaces(null);
    navigate(only.href);
  }

  return (
    <search class="go-to">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void go();
        }}
      >
        <input
          ref={field}
          type="search"
          aria-label="Go to a task, workflow, event, correlation id, queue or service"
          placeholder="Go to an id or name  /"
          aria-keyshortcuts="/"
          maxLength={256}
          spellcheck={false}
          autocomplete="off"
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setPlaces(null);
          }}
        />
      </form>
      <div role="status" class="found">
        {places?.length === 0 && <p>Nothing has this id or name.</p>}
        {places !== null && places.length > 1 && (
          <ul>
            {places.map(({ kind, href }) => (
              <li key={href}>
                <a href={href}>{kind}</a>
              </li>
            ))}
          </ul>
        )}
      </div>
    </search>
  );
}

function focusBySlash(field: { readonly current: HTMLInputElement | null }): () => void {
  function onKey(event: KeyboardEvent): void {
    const isTyping =
      event.target instanceof Element && event.target.closest("input, textarea, select, dialog") !== null;
    if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    field.current?.focus();
  }
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}
