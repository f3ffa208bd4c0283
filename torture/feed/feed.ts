import { setTimeout as pause } from "node:timers/promises";
import { openPostgres } from "../../src/store/postgres/postgres-store.ts";
import type { Store } from "../../src/store/store.ts";
import { everyEvent } from "../../test/harness/calls/builders.ts";
import { isPostgresMissing, startPostgres } from "../../test/harness/databases/postgres.ts";
import { createSeededRandom, type SeededRandom } from "../../test/harness/seeded-random.ts";
import type { Torture } from "../torture.ts";
import { FeedJudge } from "./feed-judge.ts";
import { WriterProcess } from "./writer-process.ts";

/** So many events the reader may be behind: then the writers wait for it, since at the end of the feed is where it could pass one over. */
const mostBehind = 20_000;
const fewBehind = 2_000;
/** A writer is killed after so many milliseconds, and the next one after as many again. */
const lifeMs = { min: 2_000, max: 8_000 };
const reportMs = 30_000;
/** Nothing is asked of the disk: no database is killed here. Large enough that it does not write everything twice. */
const settings = { max_wal_size: "4GB", shared_buffers: "256MB" };

/** Two writers that are killed by turns, on one database, and a reader with a cursor at the end of the feed. */
export const feed: Torture = {
  name: "feed",
  what: "two writers on one PostgreSQL, SIGKILL of one of them over and over, and a reader with a cursor at the end of the feed: no gap, no repeat, in order",
  missing: (store) =>
    store !== "postgres"
      ? "a file has one writer: --store postgres"
      : isPostgresMissing
        ? "PostgreSQL is not installed"
        : null,

  async run({ untilMs, seed, events, say }) {
    const random = createSeededRandom(seed);
    await using database = await startDatabase();
    const { url } = database;
    // The first one makes the tables.
    const reader = await openPostgres({ url });
    const writers = ["a", "b"].map((source) => new WriterProcess(url, source));
    const judge = new FeedJudge();
    const stored = () => writers.reduce((sum, { count }) => sum + count, 0);
    const isEnough = () => (events === undefined ? performance.now() >= untilMs : stored() >= events);
    const over = new AbortController();
    try {
      const reading = read(reader, judge, over.signal, () => {
        const behind = stored() - judge.read;
        if (behind > mostBehind) for (const writer of writers) writer.tell("wait");
        else if (behind < fewBehind) for (const writer of writers) writer.tell("go on");
      });
      const killing = killByTurns(
        writers,
        random,
        () => isEnough() || judge.faults.length > 0,
        () => say(`${judge.read} events read`),
      );
      // Should the reader fail, that is what came of it.
      const kills = await Promise.race([killing, reading.then(() => killing)]);
      await Promise.all(writers.map((writer) => writer.stop()));
      over.abort();
      const ends = await reading;
      for (const { source, stored: lanes } of writers) judge.expectAll(source, lanes);
      const faults = [...judge.faults];
      if (ends < 10 || judge.changes < 10)
        faults.push("the reader was never at the end, or the writers never at work at once");
      const counts = {
        "events read": judge.read,
        "reads that came to the end": ends,
        "changes of the writer": judge.changes,
      };
      return { counts: { ...counts, "kills of a writer": kills }, faults };
    } finally {
      over.abort();
      await Promise.all(writers.map((writer) => writer.abandon()));
      await reader.close();
    }
  },
};

/** Reads on behind the last event until there is nothing more after `over`; answers how often it came to the end. */
async function read(reader: Store, judge: FeedJudge, over: AbortSignal, onPage: () => void): Promise<number> {
  const begin = await reader.findStart({ kind: "earliest" });
  if (begin.status !== "found") throw new Error("the feed does not begin");
  let after = begin.position;
  for (let ends = 0; ; ) {
    const wasOver = over.aborted;
    const page = await reader.readEvents({ filter: everyEvent, after, limit: 1_000, maxBytes: 1_000_000 });
    for (const event of page.events) judge.take(event);
    after = page.position;
    onPage();
    if (!page.isEnd) continue;
    if (wasOver) return ends;
    ends++;
  }
}

/** Kills one writer after the other, at random moments. @returns how often */
async function killByTurns(
  writers: readonly WriterProcess[],
  random: SeededRandom,
  isEnough: () => boolean,
  onReport: () => void,
): Promise<number> {
  let kills = 0;
  let reportedMs = performance.now();
  for (let killAtMs = performance.now() + lifeMs.max; !isEnough(); await pause(100)) {
    if (performance.now() - reportedMs > reportMs) {
      reportedMs = performance.now();
      onReport();
    }
    if (performance.now() < killAtMs) continue;
    await writers[kills++ % writers.length]?.kill();
    killAtMs = performance.now() + random.integer(lifeMs.min, lifeMs.max);
  }
  return kills;
}

async function startDatabase() {
  const server = await startPostgres({ settings });
  return { url: server.url, [Symbol.asyncDispose]: () => server.stop() };
}
