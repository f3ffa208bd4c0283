import type { EventStart } from "../../../domain/events/event.ts";
import type { StartAnswer } from "../../event-store.ts";
import type { Store } from "../../store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import { idOfKey, keyOfId } from "../rows/ids.ts";

/** The key behind which a start begins; the answer to it where that is no longer kept. */
export type StartKey = (start: EventStart) => number | Extract<StartAnswer, { status: "expired" }>;

/** Finds starts in an open database. */
export function createStartKey({ db, keys }: Engine): StartKey {
  const selectSwept = db.prepare<[], number>("SELECT value FROM meta WHERE name = 'last_swept_event'").pluck();

  return (start) => {
    const swept = selectSwept.get() ?? 0;
    switch (start.kind) {
      case "now":
        return keys.last;
      case "earliest":
        // What is older is kept only for the deliveries that name it, with gaps between: nobody could begin anew behind it.
        return swept;
      case "time":
      case "position": {
        const key = start.kind === "time" ? keys.at(start.ms) - 1 : keyOfId(start.position);
        if (key === null || (swept > 0 && key < swept)) return { status: "expired", earliest: idOfKey(swept) };
        return Math.min(key, keys.last);
      }
    }
  };
}

/** The verb `findStart` on an open database. */
export function createFindStart(startKey: StartKey): SyncVerb<Store["findStart"]> {
  return (start) => {
    const key = startKey(start);
    return typeof key === "number" ? { status: "found", position: idOfKey(Math.max(key, 0)) } : key;
  };
}
