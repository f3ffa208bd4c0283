import { describe, expect, test } from "vitest";
import { type LinkEvents, PeerLink } from "../../src/cluster/peer-link.ts";
import { createFakeClock } from "../harness/fake-clock.ts";

/** Lets what was settled be noticed. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

function startLink() {
  const clock = createFakeClock();
  const logged: string[] = [];
  const tries: { readonly events: LinkEvents; readonly ends: (error?: Error) => void }[] = [];
  const link = new PeerLink(
    {
      server: {
        id: 2,
        address: "127.0.0.1:2",
        certificate: null,
        version: "0.1.0",
        startMs: 0,
        untilMs: 0,
        isLeader: false,
      },
      caller: { secret: "s", callerId: 1 },
      listenTo(_server, _caller, events) {
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        tries.push({ events, ends: (error) => (error === undefined ? resolve() : reject(error)) });
        return promise;
      },
      clock,
      random: () => 0.5,
      log: {
        info: (_facts, text) => logged.push(text),
        warn: ({ why }, text) => logged.push(`${text}: ${why}`),
      },
    },
    { begun: () => undefined, news: () => undefined, lost: () => undefined },
  );
  /** Refuses every try for so long. */
  async function refuseFor(ms: number): Promise<void> {
    for (const endMs = clock.monotonic() + ms; clock.monotonic() < endMs; clock.advance(100)) {
      tries.at(-1)?.ends(new Error("connection refused"));
      await settled();
    }
  }
  return { link, logged, last: () => tries.at(-1), refuseFor };
}

describe("the link to another server", () => {
  test("does not warn of one that was heard and is gone for a moment, as one that was stopped", async () => {
    const { link, logged, last, refuseFor } = startLink();
    last()?.events.begun();
    last()?.ends();
    await settled();
    await refuseFor(2_500);
    link.stop();
    await refuseFor(5_000);
    expect(logged).toEqual(["another server is heard"]);
  });

  test("warns once, in one line, of one that stays unheard, and again after it was heard", async () => {
    const { link, logged, last, refuseFor } = startLink();
    await refuseFor(20_000);
    const warning = "another server cannot be heard: connection refused";
    expect(logged).toEqual([warning]);
    last()?.events.begun();
    last()?.ends();
    await settled();
    await refuseFor(20_000);
    expect(logged).toEqual([warning, "another server is heard", warning]);
    link.stop();
  });
});
