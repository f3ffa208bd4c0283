import { describe, expect, it } from "vitest";
import { ProblemKind, ProblemSeverity, QueueOrder } from "../../../gen/sitq/v1/monitor_service_pb.js";
import { namesOf, watchOverview } from "../../harness/calls/overview.ts";
import { as, trustingAuthenticator } from "../../harness/calls/principals.ts";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueueMany, span } from "../../harness/calls/tasks.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { refusalOf } from "../../harness/refusal.ts";
import { startServer, type TestServer } from "../../harness/server.ts";

/** Tasks in queues that have a worker, which takes one and keeps it: nothing is wrong with them. */
async function fill(server: TestServer, counts: Readonly<Record<string, number>>): Promise<void> {
  const queues = Object.keys(counts);
  const worker = await connectWorker(server, { workerId: "idle", queues, capacity: 1, types: ["ship"] });
  await worker.heard();
  for (const [queue, count] of Object.entries(counts)) await enqueueMany(server, count, { queue });
}

describe("a bounded overview", () => {
  it("shows the first queues by name, and those that come before them later", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    await enqueueMany(server, 1, { queue: "d" });
    await enqueueMany(server, 1, { queue: "b" });
    await enqueueMany(server, 1, { queue: "c" });
    const seen = watchOverview(server, { maxQueues: 2 });
    await seen.saw(({ snapshot }) => snapshot);
    expect(namesOf(seen.first)).toEqual(["b", "c"]);
    expect(seen.first).toMatchObject({ matchingQueues: 3, totals: { queues: 3, pending: 3n } });

    await enqueueMany(server, 1, { queue: "a" });
    await enqueueMany(server, 1, { queue: "d" });
    const update = await seen.update(clock);
    expect(update).toMatchObject({ removedQueues: ["c"], matchingQueues: 4, totals: { queues: 4, pending: 5n } });
    expect(namesOf(update).sort()).toEqual(["a", "b"]);
    expect(update.queues.find(({ name }) => name === "a")?.history?.enqueued.at(-1)).toBe(1);
    expect(update.problems?.problems.map(({ subject }) => subject.value)).toContain("d");
  });

  it("shows those with problems first, the worst on top, then those with most to do", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    await fill(server, { small: 1, large: 9, idle: 0 });
    await enqueueMany(server, 2, { queue: "paused" });
    await server.queue.updateQueue({ queue: { name: "paused", paused: true }, updateMask: { paths: ["paused"] } });
    const bounds = { maxQueues: 3, order: QueueOrder.PROBLEMS_FIRST };
    const seen = watchOverview(server, bounds);
    await seen.saw(({ snapshot }) => snapshot);
    const { first } = seen;
    expect(namesOf(first)).toEqual(["paused", "large", "small"]);
    expect(first.queues[0]).toMatchObject({
      problem: ProblemKind.PAUSED,
      problemSeverity: ProblemSeverity.WARNING,
    });
    expect(first.queues[1]).toMatchObject({ problem: 0, problemSeverity: 0 });
    expect(first.matchingQueues).toBe(4);

    await enqueueMany(server, 1, { queue: "alone" });
    const update = await seen.update(clock);
    expect(update).toMatchObject({ removedQueues: ["small"], matchingQueues: 5 });
    const alone = update.queues.find(({ name }) => name === "alone");
    expect(alone).toMatchObject({ problem: ProblemKind.NO_WORKER, problemSeverity: ProblemSeverity.CRITICAL });
    expect(alone?.orderKey).toBeLessThan(first.queues[0]?.orderKey ?? 0);
    const page = await server.monitor.getOverview({ pageSize: 2, order: QueueOrder.PROBLEMS_FIRST });
    expect(namesOf(page)).toEqual(["alone", "paused"]);
    expect(page.matchingQueues).toBe(5);
    const rest = await server.monitor.getOverview({ ...bounds, pageSize: 9, pageToken: page.nextPageToken });
    expect(namesOf(rest)).toEqual(["large", "small", "idle"]);
    expect(rest).toMatchObject({ nextPageToken: "", matchingQueues: 0 });
  });

  it("lets a queue go up at once, and down after ten seconds", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    await fill(server, { a: 2, b: 0, other: 0 });
    const seen = watchOverview(server, { maxQueues: 1, order: QueueOrder.PROBLEMS_FIRST });
    await seen.saw(({ snapshot }) => snapshot);
    expect(namesOf(seen.first)).toEqual(["a"]);
    const tasks = await enqueueMany(server, 9, { queue: "b" });
    expect(await seen.update(clock)).toMatchObject({ queues: [{ name: "b" }], removedQueues: ["a"] });
    await server.queue.deleteTasks({ filter: { queue: "b" } });
    expect(tasks).toHaveLength(9);
    for (let passed = 1; passed <= 10; passed++) {
      // So that every second has something to show.
      await enqueueMany(server, 1, { queue: "other", delay: span(60_000) });
      const { removedQueues, queues } = await seen.update(clock);
      expect([removedQueues, queues.every(({ name }) => name === "b")]).toEqual([[], true]);
    }
    expect(await seen.update(clock)).toMatchObject({ queues: [{ name: "a" }], removedQueues: ["b"] });
  });

  it("shows what becomes a problem by time alone", async () => {
    const clock = createFakeClock();
    // The worker is silent for all that time.
    await using server = await startServer({ clock, config: { leaseDurationMs: 3_600_000 } });
    await fill(server, { a: 0, c: 3 });
    const seen = watchOverview(server, { maxQueues: 1, order: QueueOrder.PROBLEMS_FIRST });
    await seen.saw(({ snapshot }) => snapshot);
    expect(seen.first.queues).toMatchObject([{ name: "c", problem: ProblemKind.UNSPECIFIED }]);
    const update = await seen.update(clock, 300_001);
    expect(update.queues).toMatchObject([
      { name: "c", problem: ProblemKind.LONG_WAIT, problemSeverity: ProblemSeverity.WARNING },
    ]);
    expect(update.problems?.problems.map(({ subject }) => subject.value)).toEqual(["c"]);
  });

  it("shows by a part of the name, in upper or lower case", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    for (const queue of ["Mail.in", "mail.out", "jobs"]) await enqueueMany(server, 1, { queue });
    const seen = watchOverview(server, { nameContains: "MAIL" });
    await seen.saw(({ snapshot }) => snapshot);
    expect(namesOf(seen.first)).toEqual(["Mail.in", "mail.out"]);
    expect(seen.first).toMatchObject({ matchingQueues: 2, totals: { queues: 3 } });
    for (const queue of ["hotmail", "jobs"]) await enqueueMany(server, 1, { queue });
    const update = await seen.update(clock);
    expect(namesOf(update).sort()).toEqual(["Mail.in", "hotmail", "mail.out"]);
    const page = await server.monitor.getOverview({ nameContains: "mail", pageSize: 2 });
    expect(namesOf(page)).toEqual(["Mail.in", "hotmail"]);
    expect(page.matchingQueues).toBe(3);
    const other = server.monitor.getOverview({ nameContains: "job", pageToken: page.nextPageToken });
    expect(await refusalOf(other)).toMatchObject({ reason: "INVALID_PAGE_TOKEN" });
  });

  it("counts and shows only what the caller may see", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock, authenticator: trustingAuthenticator });
    const admin = as("root", { role: "admin" });
    const enqueue = (queue: string) =>
      server.queue.enqueue(
        { task: { queue, type: "t", payload: { kind: { case: "binary", value: new Uint8Array() } } } },
        admin,
      );
    for (const queue of ["jobs", "mail.b", "mail.c"]) await enqueue(queue);
    const viewer = as("v", { role: "viewer", queue: ["mail.*"] });
    const bounds = { maxQueues: 1 };
    const narrow = watchOverview(server, bounds, viewer);
    const wide = watchOverview(server, bounds, as("w", { role: "viewer", queue: ["*"] }));
    await Promise.all([narrow, wide].map((each) => each.saw(({ snapshot }) => snapshot)));
    expect(narrow.first).toMatchObject({ queues: [{ name: "mail.b" }], matchingQueues: 2 });
    expect(wide.first).toMatchObject({ queues: [{ name: "jobs" }], matchingQueues: 3 });
    await enqueue("mail.a");
    await enqueue("a");
    clock.advance(1_000);
    await Promise.all([narrow, wide].map((each) => each.saw(({ removedQueues }) => removedQueues.length > 0)));
    expect(narrow.messages[1]).toMatchObject({
      queues: [{ name: "mail.a" }],
      removedQueues: ["mail.b"],
      matchingQueues: 3,
    });
    expect(wide.messages[1]).toMatchObject({ queues: [{ name: "a" }], removedQueues: ["jobs"], matchingQueues: 5 });
  });

  it("is shown to one that comes later as to the others", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    for (const queue of ["b", "c"]) await enqueueMany(server, 1, { queue });
    const first = watchOverview(server, { maxQueues: 1 });
    await first.saw(({ snapshot }) => snapshot);
    await enqueueMany(server, 1, { queue: "a" });
    // What has come meanwhile is shown to both at the end of the second.
    const second = watchOverview(server, { maxQueues: 1 });
    await second.saw(({ snapshot }) => snapshot);
    expect(second.first).toMatchObject({ queues: [{ name: "b" }], totals: { queues: 3 } });
    clock.advance(1_000);
    await Promise.all([first, second].map((each) => each.saw(({ removedQueues }) => removedQueues.length > 0)));
    const update = { queues: [{ name: "a" }], removedQueues: ["b"], matchingQueues: 3, totals: { queues: 3 } };
    for (const { messages } of [first, second]) expect(messages[1]).toMatchObject(update);
  });

  it.each([
    ["max_queues", { maxQueues: 1_001 }],
    ["max_queues", { maxQueues: -1 }],
    ["order", { order: 42 as QueueOrder }],
    ["name_contains", { nameContains: "x".repeat(101) }],
  ])("names the field that is not valid: %s", async (field, request) => {
    await using server = await startServer();
    const ended = server.monitor.watchOverview(request)[Symbol.asyncIterator]().next();
    expect(await refusalOf(ended)).toMatchObject({ code: "INVALID_ARGUMENT", reason: "INVALID_FIELD", field });
  });
});
