import type { EventStart } from "../../../domain/events/event.ts";
import { startKey } from "../../../domain/events/subscription-progress.ts";
import { idOfKey } from "../../../domain/ids.ts";
import type { StartAnswer } from "../../event-store.ts";
import type { Store } from "../../store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";

/** The key behind which a start begins; the answer to it where that is no longer kept. */
export type StartKey = (start: EventStart) => number | Extract<StartAnswer, { status: "expired" }>;

/** Creates a finder of starts in an open database. */
export function createStartKey({ db, keys }: Engine): StartKey {
  const selectSwept = db.prepare<[], number>("SELECT value FROM meta WHERE name = 'last_swept_event'").pluck();

  return (start) => {
    const swept = selectSwept.get() ?? 0;
    return startKey(start, swept, keys) ?? { status: "expired", earliest: idOfKey(swept) };
  };
}

/** Creates the verb `findStart` on an open database. */
export function createFindStart(keyOf: StartKey): SyncVerb<Store["findStart"]> {
  return (start) => {
    const key = keyOf(start);
    return typeof key === "number" ? { status: "found", position: idOfKey(Math.max(key, 0)) } : key;
  };
}
