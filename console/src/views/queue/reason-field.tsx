import { limits } from "../../../../src/contract/limits.ts";

/** Asks why a setting is changed, which is shown beside it. */
export function ReasonField({ onInput }: { onInput(text: string): void }) {
  return (
    <label class="field">
      Why, for those who look at it later (may stay empty)
      <input
        type="text"
        // In bytes it is as long at the most; what is longer in other alphabets, the server refuses.
        maxLength={limits.changeReasonBytes}
        autocomplete="off"
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  );
}
