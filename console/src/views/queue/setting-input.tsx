import { useId } from "preact/hooks";
import type { SettingField } from "./setting-field.ts";

/** What an input of a setting is made of. */
export interface SettingInputProps {
  readonly field: SettingField;
  readonly text: string;
  readonly isChanged: boolean;
  readonly isReadOnly: boolean;
  /** What is wrong with the text. */
  readonly mistake: string | undefined;
  onType(text: string): void;
  onLeave(): void;
}

/** A setting to look at and to change, with what is wrong with what is typed. */
export function SettingInput(props: SettingInputProps) {
  const { field, text, isChanged, isReadOnly, mistake, onType, onLeave } = props;
  const id = useId();
  const described = { "aria-describedby": `${id}-hint ${id}-mistake`, "aria-invalid": mistake !== undefined };
  return (
    <div class={`setting${isChanged ? " changed" : ""}`}>
      <label for={id}>{field.label}</label>
      {field.choices === undefined ? (
        <input
          id={id}
          name={field.path}
          type="text"
          autocomplete="off"
          spellcheck={false}
          value={text}
          readOnly={isReadOnly}
          {...described}
          onInput={(event) => onType(event.currentTarget.value)}
          onBlur={onLeave}
        />
      ) : (
        <select
          id={id}
          name={field.path}
          value={text}
          disabled={isReadOnly}
          {...described}
          onChange={(event) => onType(event.currentTarget.value)}
          onBlur={onLeave}
        >
          {field.choices.map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </select>
      )}
      <span id={`${id}-hint`} class="sub">
        {field.hint}
      </span>
      <span id={`${id}-mistake`} class="mistake" role="alert">
        {mistake}
      </span>
    </div>
  );
}
