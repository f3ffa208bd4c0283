import { useEffect, useRef, useState } from "preact/hooks";
import type { Queue } from "../../../../gen/sitq/v1/queue_pb.js";
import { QueueService } from "../../../../gen/sitq/v1/queue_service_pb.js";
import { whyNot } from "../../live/rights.ts";
import { ActionButton, WhyNot } from "../../ui/action-button.tsx";
import { askToChange } from "./change-settings.tsx";
import { SettingChange } from "./setting-change.tsx";
import type { SettingField } from "./setting-field.ts";
import { SettingInput } from "./setting-input.tsx";
import { type Draft, fieldsOf, mistakesIn, settingGroups } from "./settings.ts";

const nothing: ReadonlyMap<string, string> = new Map();

/** The settings of a queue, each with who changed it. What is typed is checked here, and by the server when it is saved. */
export function SettingsForm({ queue, onChanged }: { readonly queue: Queue; onChanged(): void }) {
  const [typed, setTyped] = useState<Draft>(nothing);
  /** Fields that one has left: only of these mistakes are shown. */
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [refusals, setRefusals] = useState(nothing);
  const form = useRef<HTMLFormElement>(null);
  const draft = changesOf(typed, queue);
  const mistakes = mistakesIn(draft);
  const why = whyNot(QueueService.method.updateQueue, { queues: [queue.name] });

  useEffect(() => {
    const [path] = refusals.keys();
    if (path !== undefined) focusField(path);
  }, [refusals]);

  function type(field: SettingField, text: string): void {
    setTyped(new Map(typed).set(field.path, text));
    setRefusals(new Map([...refusals].filter(([path]) => path !== field.path)));
  }
  function reset(): void {
    setTyped(nothing);
    setLeft(new Set());
    setRefusals(nothing);
  }
  function save(): void {
    setLeft(new Set(draft.keys()));
    const [first] = mistakes.keys();
    if (first !== undefined) {
      focusField(first);
      return;
    }
    askToChange({
      queue,
      draft,
      onDone() {
        reset();
        onChanged();
      },
      onRefused: setRefusals,
    });
  }
  function focusField(path: string): void {
    form.current?.querySelector<HTMLElement>(`[name="${path}"]`)?.focus();
  }

  const elsewhere = [...refusals].filter(([path]) => !fieldsOf(draft).some((field) => field.path === path));
  return (
    <form
      ref={form}
      class="settings"
      aria-label="Settings"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (draft.size > 0 && why === null) save();
      }}
    >
      <div class="groups">
        {settingGroups.map((group) => (
          <fieldset key={group.path}>
            <legend>{group.title}</legend>
            {group.fields.map((field) => (
              <SettingInput
                key={field.path}
                field={field}
                text={draft.get(field.path) ?? field.read(queue)}
                isChanged={draft.has(field.path)}
                isReadOnly={why !== null}
                mistake={refusals.get(field.path) ?? (left.has(field.path) ? mistakes.get(field.path) : undefined)}
                onType={(text) => type(field, text)}
                onLeave={() => setLeft(new Set(left).add(field.path))}
              />
            ))}
            <SettingChange queue={queue} field={group.path} />
          </fieldset>
        ))}
      </div>
      {elsewhere.map(([path, text]) => (
        <p key={path} class="failure" role="alert">
          {path}: {text}
        </p>
      ))}
      <WhyNot why={why} />
      <div class="buttons">
        <button type="submit" class="primary" disabled={draft.size === 0 || why !== null}>
          Save {draft.size > 0 ? `${draft.size === 1 ? "1 change" : `${draft.size} changes`}` : "changes"}
        </button>
        {draft.size > 0 && <ActionButton label="Undo" why={null} onClick={reset} />}
      </div>
    </form>
  );
}

/** What of the typed texts differs from the queue as it is now. */
function changesOf(typed: Draft, queue: Queue): Draft {
  const changed = fieldsOf(typed).filter((field) => typed.get(field.path)?.trim() !== field.read(queue));
  return new Map(changed.map(({ path }) => [path, typed.get(path) ?? ""]));
}
