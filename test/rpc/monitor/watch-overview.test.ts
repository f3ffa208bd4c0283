import { expect, it } from "vitest";
import { ProblemKind } from "../../../gen/sitq/v1/monitor_service_pb.js";
import { namesOf, second, watchOverview } from "../../harness/calls/overview.ts";
import { as, trustingAuthenticator } from "../../harness/calls/principals.ts";
import { enqueueMany } from "../../harness/calls/tasks.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { startServer } from "../../harness/server.ts";

it("begins with everything, and then tells only what has changed, at most once a second", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  await enqueueMany(server, 2, { queue: "a" });
  await enqueueMany(server, 1, { queue: "b" });
  const seen = watchOverview(server);
  await seen.saw(({ snapshot }) => snapshot);
  const [first] = seen.messages;
  expect(first).toMatchObject({ snapshot: true, more: false, totals: { queues: 2, pending: 3n } });
  expect(first?.queues).toMatchObject([
    { name: "a", statistics: { pending: 2n, workers: 0 } },
    { name: "b", statistics: { pending: 1n } },
  ]);
  expect(first?.queues[0]?.history?.enqueued.at(-1)).toBe(2);
  expect(first?.problems?.problems.map(({ kind }) => kind)).toEqual([ProblemKind.NO_WORKER, ProblemKind.NO_WORKER]);

  await server.worker.claimTasks({ workerId: "w", queues: ["b"] });
  await enqueueMany(server, 1, { queue: "c" });
  expect(seen.messages).toHaveLength(1);
  await second(clock);
  await seen.saw((message) => namesOf(message).includes("c"));
  const update = seen.messages.find((message) => namesOf(message).includes("c"));
  expect(update).toMatchObject({ snapshot: false, totals: { queues: 3, running: 1n } });
  expect(update?.queues.find(({ name }) => name === "b")?.statistics).toMatchObject({ pending: 0n, running: 1n });
  // What is over is gone from the list, which is whole.
  expect(update?.problems?.problems.map(({ subject }) => subject.value).sort()).toEqual(["a", "c"]);
});

it("shows each principal what is in its scope, row by row", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock, authenticator: trustingAuthenticator });
  const admin = as("root", { role: "admin" });
  const enqueue = (queue: string) =>
    server.queue.enqueue(
      { task: { queue, type: "t", payload: { kind: { case: "binary", value: new Uint8Array() } } } },
      admin,
    );
  await enqueue("mail.in");
  await enqueue("jobs");
  const narrow = watchOverview(server, {}, as("v", { role: "viewer", queue: ["mail.*"] }));
  const wide = watchOverview(server, {}, as("w", { role: "viewer", queue: ["*"] }));
  await Promise.all([narrow, wide].map((each) => each.saw(({ snapshot }) => snapshot)));
  expect(narrow.messages.flatMap(namesOf)).toEqual(["mail.in"]);
  expect(wide.messages.flatMap(namesOf)).toEqual(["jobs", "mail.in"]);
  await enqueue("jobs");
  await enqueue("mail.out");
  await second(clock);
  await Promise.all([narrow, wide].map((each) => each.saw((message) => namesOf(message).includes("mail.out"))));
  expect(narrow.messages.flatMap(namesOf)).not.toContain("jobs");
  expect(narrow.messages.at(-1)?.totals).toMatchObject({ queues: 2, pending: 2n });
  expect(wide.messages.at(-1)?.totals).toMatchObject({ queues: 3, pending: 4n });
});

it("does nothing without watchers, and ends its watches at a drain", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const before = clock.pendingTimers;
  const seen = watchOverview(server);
  await seen.saw(({ snapshot }) => snapshot);
  await clock.timers((pending) => pending > before);
  seen.stop();
  await clock.timers((pending) => pending <= before);
  const other = watchOverview(server);
  await other.saw(({ snapshot }) => snapshot);
  await Promise.all([server.app.close(0), server.app.close(0)]);
  expect(await other.ended).toMatchObject({ reason: "DRAINING" });
});
