import { expect, it } from "vitest";
import { aborted } from "../../../src/async/signals.ts";
import { openPrincipal } from "../../../src/domain/access/principal.ts";
import { createFanOut } from "../../../src/domain/fan-out.ts";
import type { Outbound } from "../../../src/grpc/handlers.ts";
import type { Watch } from "../../../src/rpc/calls/watch-group.ts";
import { createWatchers, type StoredWatch } from "../../../src/rpc/calls/watchers.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** So many watchers, and half of them of one principal. */
const boundsOf = (maxWatchers: number) => ({ maxWatchers, maxWatchersPerPrincipal: maxWatchers / 2 });

/** The end of a stream whose reader takes as much as the test says. */
function createReader(canRead = true, principal = openPrincipal) {
  const got: string[] = [];
  const listeners: (() => void)[] = [];
  const call = new AbortController();
  let writable = canRead;
  let looks = 0;
  const out: Outbound<string> = {
    send: (message) => got.push(message.slice(0, 20)) === 0,
    get writable() {
      looks++;
      return writable;
    },
    drained: () => Promise.resolve(),
    bound: () => undefined,
    onDrain: (listener) => void listeners.push(listener),
  };
  const read = () => {
    writable = true;
    for (const listener of listeners) listener();
  };
  return {
    got,
    out,
    read,
    /** Its connection is full from now on. */
    stall: () => {
      writable = false;
    },
    /** How often it was asked whether there is room. */
    get looks() {
      return looks;
    },
    leave: () => call.abort(),
    context: { signal: call.signal, principal },
  };
}

/** A thing that changes when the test says so. */
function createSource() {
  const sinks = new Set<(changes: readonly string[]) => void>();
  const stopping = new AbortController();
  const encoded: string[][] = [];
  const watch = (key: string, more: Partial<Watch<string, string>> = {}): Watch<string, string> => ({
    key,
    follow(sink) {
      sinks.add(sink);
      return () => void sinks.delete(sink);
    },
    encodeAhead: (message) => message.length,
    toMessages(changes) {
      encoded.push([...changes]);
      return { messages: [changes.join()], isLast: changes.includes("end") };
    },
    begin: () => ({ messages: ["begin"], isLast: false }),
    stopped: stopping.signal,
    tooSlow: "Watch again.",
    ...more,
  });
  return {
    sinks,
    encoded,
    watch,
    change(...changes: string[]) {
      for (const sink of sinks) sink(changes);
    },
    stop: () => stopping.abort(),
  };
}

/** A watch that shows what is stored, and then waits. */
function storedWatch(...messages: string[]): StoredWatch<string> {
  return {
    async *read(end) {
      yield* messages;
      await aborted(end);
    },
    stopped: new AbortController().signal,
  };
}

it("encodes a change once for 2,000 watchers of one filter, and once more for those of another", async () => {
  const watchers = createWatchers(boundsOf(10_000), createFanOut(createFakeClock()));
  const source = createSource();
  const readers = Array.from({ length: 2_001 }, () => createReader());
  const all = readers.map(({ context, out }, n) =>
    watchers.serve(source.watch(n === 2_000 ? "other" : "one"), context, out),
  );
  source.change("a");
  source.change("b");
  while (readers.some(({ got }) => got.length < 2)) await turn();
  expect(source.sinks.size).toBe(2);
  expect(source.encoded).toEqual([
    ["a", "b"],
    ["a", "b"],
  ]);
  for (const { got } of readers) expect(got).toEqual(["begin", "a,b"]);
  for (const { leave } of readers) leave();
  await Promise.all(all);
  expect(source.sinks.size).toBe(0);
});

it("tells one that comes nothing of before, and nothing twice", async () => {
  const watchers = createWatchers(boundsOf(10), createFanOut(createFakeClock()));
  const source = createSource();
  const [first, second] = [createReader(), createReader()];
  void watchers.serve(source.watch("one"), first.context, first.out);
  source.change("a");
  void watchers.serve(source.watch("one"), second.context, second.out);
  source.change("b");
  await turn();
  expect(first.got).toEqual(["begin", "a", "b"]);
  expect(second.got).toEqual(["begin", "b"]);
  first.leave();
  second.leave();
});

it("keeps what happens while the beginning is read", async () => {
  const watchers = createWatchers(boundsOf(10), createFanOut(createFakeClock()));
  const source = createSource();
  const reader = createReader();
  const read = Promise.withResolvers<void>();
  const watching = watchers.serve(
    source.watch("one", {
      async begin(early) {
        await read.promise;
        return { messages: [`begin,${early().join()}`], isLast: false };
      },
    }),
    reader.context,
    reader.out,
  );
  source.change("a");
  await turn();
  source.change("b");
  read.resolve();
  await turn();
  source.change("end");
  await watching;
  expect(reader.got).toEqual(["begin,a,b", "end"]);
});

it("does nothing for those that do not read until they do, and each goes on from its own place", async () => {
  const clock = createFakeClock();
  const watchers = createWatchers(boundsOf(10_000), createFanOut(clock));
  const source = createSource();
  const readers = Array.from({ length: 500 }, () => createReader());
  const fast = createReader();
  const all = [...readers, fast].map(({ context, out }) => watchers.serve(source.watch("one"), context, out));
  const change = async (text: string) => {
    const before = fast.got.length;
    source.change(text);
    // The rest after a round to as many.
    clock.advance(1_000);
    while (fast.got.length === before) await turn();
    await turn();
  };
  await change("a");
  for (const { stall } of readers) stall();
  await change("b");
  const looks = readers.map((reader) => reader.looks);
  for (let n = 0; n < 100; n++) await change(`c${n}`);
  expect(readers.map((reader) => reader.looks)).toEqual(looks);
  expect(source.encoded).toHaveLength(102);
  readers[0]?.read();
  await change("d");
  for (const { read } of readers) read();
  await change("e");
  while (readers.some(({ got }) => got.length < fast.got.length)) await turn();
  for (const { got } of readers) expect(got).toEqual(fast.got);
  for (const { leave } of [...readers, fast]) leave();
  await Promise.all(all);
});

// Over the wire this is asked once, of WatchTasks: every watch is served by these watchers.
it("bounds by bytes what waits for one that does not read, and sends it away", async () => {
  const watchers = createWatchers(boundsOf(10), createFanOut(createFakeClock()));
  const source = createSource();
  const [slow, fast] = [createReader(false), createReader()];
  const ended = watchers.serve(source.watch("one"), slow.context, slow.out);
  void watchers.serve(source.watch("one"), fast.context, fast.out);
  for (let n = 0; n < 10; n++) {
    source.change("x".repeat(100_000));
    await turn();
  }
  slow.read();
  expect(slow.got).toHaveLength(11);
  const again = createReader(false);
  const sentAway = watchers.serve(source.watch("one"), again.context, again.out);
  sentAway.catch(() => undefined);
  for (let n = 0; n < 11; n++) {
    source.change("x".repeat(100_000));
    await turn();
  }
  await expect(sentAway).rejects.toMatchObject({ reason: "WATCH_TOO_SLOW", details: { retryAfterMs: 1_000 } });
  expect(again.got).toEqual([]);
  expect(fast.got).toHaveLength(22);
  slow.leave();
  fast.leave();
  await ended;
});

it("bounds the number of watchers, of every sort together", async () => {
  const watchers = createWatchers(boundsOf(2), createFanOut(createFakeClock()));
  const source = createSource();
  const [first, second] = [createReader(), createReader()];
  const watching = watchers.serve(source.watch("one"), first.context, first.out);
  const stored = createReader();
  const other = watchers.serve(storedWatch(), stored.context, stored.out);
  const refused = { reason: "TOO_MANY_WATCHERS", details: { retryAfterMs: 1_000 } };
  await expect(watchers.serve(source.watch("one"), second.context, second.out)).rejects.toMatchObject(refused);
  await expect(watchers.serve(storedWatch(), second.context, second.out)).rejects.toMatchObject(refused);
  stored.leave();
  await other;
  first.leave();
  await watching;
  second.leave();
  await watchers.serve(storedWatch(), second.context, second.out);
});

it("bounds the watchers of one principal, and not those of others, nor of callers without one", async () => {
  const watchers = createWatchers(boundsOf(6), createFanOut(createFakeClock()));
  const readerOf = (name: string) => createReader(true, { ...openPrincipal, name });
  const begin = (reader: ReturnType<typeof createReader>) => watchers.serve(storedWatch(), reader.context, reader.out);
  const own = ["mail", "mail", "mail"].map((name) => {
    const reader = readerOf(name);
    return { reader, ended: begin(reader) };
  });
  const further = readerOf("mail");
  await expect(begin(further)).rejects.toMatchObject({
    reason: "TOO_MANY_WATCHERS",
    message: "The principal has 3 watchers, its limit.",
    details: { metadata: { of: "principal", max_watchers: "3" }, retryAfterMs: 1_000 },
  });
  const other = readerOf("shop");
  const others = begin(other);
  other.leave();
  await others;
  const first = own[0];
  first?.reader.leave();
  await first?.ended;
  const again = begin(further);
  await expect(begin(readerOf("mail"))).rejects.toMatchObject({ reason: "TOO_MANY_WATCHERS" });
  for (const { reader } of own) reader.leave();
  further.leave();
  await Promise.all([...own.map(({ ended }) => ended), again]);

  const open = Array.from({ length: 6 }, () => createReader());
  const all = open.map(begin);
  for (const { leave } of open) leave();
  await Promise.all(all);
});

it("reads a stored watch as fast as its reader takes it, until it leaves", async () => {
  const watchers = createWatchers(boundsOf(10), createFanOut(createFakeClock()));
  const reader = createReader(false);
  const drained = Promise.withResolvers<void>();
  const out = {
    ...reader.out,
    send: (message: string) => reader.got.push(message) === 1,
    drained: () => drained.promise,
  };
  const watching = watchers.serve(storedWatch("a", "b", "c"), reader.context, out);
  await turn();
  expect(reader.got).toEqual(["a", "b"]);
  drained.resolve();
  await turn();
  expect(reader.got).toEqual(["a", "b", "c"]);
  reader.leave();
  await watching;
});

it("ends every watch with DRAINING when the server stops", async () => {
  const watchers = createWatchers(boundsOf(10), createFanOut(createFakeClock()));
  const source = createSource();
  const reader = createReader();
  const watching = watchers.serve(source.watch("one"), reader.context, reader.out);
  const stopping = new AbortController();
  const stored = watchers.serve({ ...storedWatch(), stopped: stopping.signal }, reader.context, reader.out);
  source.stop();
  stopping.abort();
  await expect(watching).rejects.toMatchObject({ reason: "DRAINING" });
  await expect(stored).rejects.toMatchObject({ reason: "DRAINING" });
});
