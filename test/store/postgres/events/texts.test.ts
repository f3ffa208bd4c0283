/** Texts of events that a database could have refused. */

import { test as base, expect } from "vitest";
import { everyEvent, newEvent, newSubscription } from "../../../harness/calls/builders.ts";
import { isPostgresMissing } from "../../../harness/databases/postgres.ts";
import { completed, leaseOf } from "../../outcomes.ts";
import { startMs } from "../../store-harness.ts";
import { postgresForTests } from "../open-postgres.ts";

const test = base.skipIf(isPostgresMissing);
const open = postgresForTests();

test("events keep U+0000 in their texts, and are found and delivered by them", async () => {
  const { store, close } = await open();
  try {
    const texts = { sourceService: "sh\0p", subject: "s\0", correlationId: "c\0", causationId: "\0" };
    const event = newEvent({ id: "e", ...texts, attributes: { tenant: "a\0b" } });
    const filter = { ...everyEvent, subject: "s\0", attributes: { tenant: "a\0b" } };
    await store.createSubscription(
      newSubscription({ filter, orderingKey: "attributes.tenant" }),
      { kind: "now" },
      startMs,
    );
    const other = { ...event, id: "f", correlationId: "c", attributes: { tenant: "ab" } };
    const answers = await store.publish([event, other, event], startMs);
    expect(answers).toMatchObject([
      { status: "created", deliveredTo: 1 },
      { status: "created", deliveredTo: 0 },
      { status: "existing" },
    ]);
    expect((await store.publish([event], startMs))[0]).toMatchObject({ status: "existing", event: texts });
    const found = await store.getEvent("e", "sh\0p", 9);
    expect(found?.event).toMatchObject({ ...texts, attributes: { tenant: "a\0b" } });
    expect(found?.deliveries[0]?.task).toMatchObject({ correlationId: "c\0", sourceService: "sh\0p" });
    const page = { publishedAfterMs: null, publishedBeforeMs: null, cursor: null, limit: 9 };
    const listed = await store.listEvents({ filter: { ...everyEvent, correlationId: "c\0" }, ...page });
    expect(listed.events.map(({ id }) => id)).toEqual(["e"]);
  } finally {
    await close();
  }
});

test("deliveries go in order by keys as long as an attribute may be", async () => {
  const { store, close } = await open();
  try {
    await store.createSubscription(newSubscription({ orderingKey: "attributes.key" }), { kind: "now" }, startMs);
    // Not compressible: an index takes no row of more than a third of a page.
    const long = Array.from({ length: 4_000 }, (_, index) =>
      String.fromCharCode(0x4e00 + ((index * 7_919) % 20_000)),
    ).join("");
    const keys = [long, `${long}!`, long];
    await store.publish(
      keys.map((key, index) => newEvent({ id: `${index}`, attributes: { key } })),
      startMs,
    );
    const claim = async () =>
      (await store.claim({ queue: "mail", slots: [{ workerId: "w", n: 9 }], leaseUntilMs: null }, startMs)).tasks;
    const first = await claim();
    expect(first.map(({ event }) => event?.id)).toEqual(["0", "1"]);
    await store.settle(
      first.map((task) => ({ ...leaseOf(task), outcome: completed() })),
      startMs,
    );
    const second = await claim();
    expect(second.map(({ event }) => event?.id)).toEqual(["2"]);
    expect(second[0]?.event?.attributes).toEqual({ key: long });
  } finally {
    await close();
  }
});
