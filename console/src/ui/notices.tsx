import { signal } from "@preact/signals";

interface Notice {
  readonly id: number;
  readonly text: string;
}

const shownMs = 8_000;
const notices = signal<readonly Notice[]>([]);
let nextId = 1;

/** Says what was done, for some seconds, aloud too where a screen is read aloud. */
export function notify(text: string): void {
  const notice = { id: nextId++, text };
  notices.value = [...notices.value.slice(-3), notice];
  setTimeout(() => {
    notices.value = notices.value.filter(({ id }) => id !== notice.id);
  }, shownMs);
}

/** Shows what was done lately. It is in the page once. */
export function Notices() {
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.value.map(({ id, text }) => (
        <p key={id}>{text}</p>
      ))}
    </div>
  );
}
