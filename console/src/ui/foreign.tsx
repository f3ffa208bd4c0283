import { visible } from "./visible.ts";

/**
 * A text from outside the page: a name, an error, a subject. It is isolated, so that letters of another direction move nothing
 * around it, and it breaks rather than widens what it is in. What cannot be seen, such as a control character, is shown by its code.
 */
export function Foreign({ text, most = 500 }: { readonly text: string; readonly most?: number }) {
  const shown = visible(text.length > most ? `${text.slice(0, most)}…` : text);
  return (
    <bdi class="foreign" title={text.length > most ? visible(text.slice(0, 4_000)) : undefined}>
      {shown}
    </bdi>
  );
}
