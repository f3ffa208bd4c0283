/** A writer of the feed torture, in a process of its own: a store on the database that others write to as well. */

import type { NewEvent } from "../../src/domain/events/event.ts";
import { openPostgres } from "../../src/store/postgres/postgres-store.ts";
import { createCondition } from "../../test/harness/condition.ts";
import { eventIdOf, laneSizes } from "./lanes.ts";

/** What a writer is started with, as its only argument, in JSON. */
export interface WriterOrder {
  readonly url: string;
  /** The source of its events. */
  readonly source: string;
  /** By lane: the first number that is not known to be stored. It may be: then it is published again. */
  readonly next: readonly number[];
}

/** What a writer is told; `stop`: it ends when what is under way is stored. */
export type WriterCommand = "go on" | "wait" | "stop";

/** What it says: all numbers of a lane below `next` are stored. */
export interface Stored {
  readonly lane: number;
  readonly next: number;
}

const { url, source, next } = JSON.parse(process.argv[2] ?? "") as WriterOrder;
const commands = createCondition();
let command: WriterCommand = "go on";
process.on("message", (said: WriterCommand) => {
  command = said;
  commands.changed();
});
const store = await openPostgres({ url });

await Promise.all(laneSizes.map((size, lane) => writeLane(lane, size)));
await store.close();
process.disconnect();

/** Publishes one call after the other. */
async function writeLane(lane: number, size: number): Promise<void> {
  for (let first = next[lane] ?? 0; ; first += size) {
    await commands.until(() => command !== "wait", "it was to go on");
    if (command === "stop") return;
    const events = Array.from({ length: size }, (_, index) => eventOf(eventIdOf(lane, first + index)));
    const answers = await store.publish(events, Date.now());
    const refused = answers.find(({ status }) => status === "event_id_reused");
    if (refused !== undefined) throw new Error(`${source} ${lane}-${first}: ${refused.status}`);
    process.send?.({ lane, next: first + size } satisfies Stored);
  }
}

function eventOf(id: string): NewEvent {
  return {
    id,
    type: "torture.made",
    sourceService: source,
    subject: null,
    time: null,
    data: null,
    correlationId: null,
    causationId: null,
    attributes: null,
  };
}
