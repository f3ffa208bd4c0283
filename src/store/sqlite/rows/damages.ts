import type { FoundDamages } from "../../store.ts";

/** Damage found in the file, until it is reported. */
export interface Damages {
  /** Notes a task that was to be handed out, and was set aside instead. */
  setAside(taskId: string): void;
  /** Notes what a read left out, in words such as `event 0f3k9q2m7xa`; each is reported once. */
  leftOut(what: string): void;
  /** Forgets what was set aside by a transaction that was rolled back. */
  undo(): void;
  /** All that was noted since the last time; `null`: nothing. */
  take(): FoundDamages | null;
}

/** How many are remembered as told of. A page of a list that is read again and again must not fill the log. */
const mostKnown = 10_000;

/** Creates an empty record of damage. */
export function createDamages(): Damages {
  const known = new Set<string>();
  let setAside: string[] = [];
  let leftOut: string[] = [];
  return {
    setAside: (taskId) => void setAside.push(taskId),
    leftOut(what) {
      if (known.has(what)) return;
      const [oldest] = known;
      if (known.size >= mostKnown && oldest !== undefined) known.delete(oldest);
      known.add(what);
      leftOut.push(what);
    },
    undo() {
      setAside = [];
    },
    take() {
      if (setAside.length === 0 && leftOut.length === 0) return null;
      const found = { setAside, leftOut };
      setAside = [];
      leftOut = [];
      return found;
    },
  };
}
