import type { EventStart } from "../../../domain/events/event.ts";
import { startKey } from "../../../domain/events/subscription-progress.ts";
import { idOfKey } from "../../../domain/ids.ts";
import type { EventStore, StartAnswer } from "../../event-store.ts";
import type { Engine } from "../engine/engine.ts";
import { readFeed } from "../engine/event-feed.ts";

/** The key behind which a start begins; the answer to it where that is no longer kept. */
export type StartKey = (start: EventStart) => Promise<number | Extract<StartAnswer, { status: "expired" }>>;

/** Creates a finder of starts. */
export function createStartKey({ db, keys }: Engine): StartKey {
  return async (start) => {
    const { lastKey, sweptKey } = await readFeed(db);
    const key = startKey(start, sweptKey, { at: (ms) => keys.at(ms), last: lastKey });
    return key ?? { status: "expired", earliest: idOfKey(sweptKey) };
  };
}

/** Creates the verb `findStart`. */
export function createFindStart(keyOf: StartKey): EventStore["findStart"] {
  return async (start) => {
    const key = await keyOf(start);
    return typeof key === "number" ? { status: "found", position: idOfKey(Math.max(key, 0)) } : key;
  };
}
