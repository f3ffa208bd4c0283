import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  SettledOutcomeSchema,
  SettleStatus,
  type WorkRequest_Outcomes,
  WorkRequest_OutcomesSchema,
} from "../../../gen/sitq/v1/worker_service_pb.js";
import { clientLogOf } from "../../../src/client/connection/client-log.ts";
import { ReleaseError, RetryLaterError, TerminalError, toPayload } from "../../../src/client/index.ts";
import { completed, failedForGood, outcomeOfThrown, released } from "../../../src/client/worker/attempt-outcome.ts";
import { OutcomeOutbox } from "../../../src/client/worker/outcome-outbox.ts";
import { shortly } from "../fake-server.ts";
import { recordLog } from "../log-recorder.ts";

const done = () => completed(toPayload(undefined));

function read(message: WorkRequest_Outcomes | null): string[] {
  if (message === null) return [];
  return fromBinary(WorkRequest_OutcomesSchema, toBinary(WorkRequest_OutcomesSchema, message)).outcomes.map(shortly);
}

const keysOf = (outbox: OutcomeOutbox) => Array.from(outbox.keys(), ({ taskId, attempt }) => `${taskId}/${attempt}`);

function settle(outbox: OutcomeOutbox, taskId: string, attempt = 1, status = SettleStatus.SETTLED): void {
  outbox.settled([create(SettledOutcomeSchema, { taskId, attempt, status })]);
}

test("an outcome is taken once for a stream, kept until it is settled, and taken again for the next stream", () => {
  const outbox = new OutcomeOutbox(clientLogOf("silent"));
  outbox.add("a", 1, done());
  outbox.add("b", 2, released(null));
  expect(read(outbox.take())).toEqual(["a/1 completed", "b/2 released"]);
  expect(outbox.take()).toBeNull();
  settle(outbox, "a");
  outbox.sendAgain(null);
  expect(read(outbox.take())).toEqual(["b/2 released"]);
  settle(outbox, "b", 2);
  outbox.sendAgain(null);
  expect(outbox.take()).toBeNull();
  expect(outbox.size).toBe(0);
});

test("an answer for another attempt, or for what was not sent over this stream, settles nothing", () => {
  const outbox = new OutcomeOutbox(clientLogOf("silent"));
  outbox.add("a", 2, done());
  settle(outbox, "a", 2);
  expect(keysOf(outbox)).toEqual(["a/2"]);
  outbox.take();
  settle(outbox, "a", 1);
  settle(outbox, "b", 2);
  expect(keysOf(outbox)).toEqual(["a/2"]);
  outbox.sendAgain(null);
  settle(outbox, "a", 2);
  expect(keysOf(outbox)).toEqual(["a/2"]);
});

test("a newer attempt's outcome takes the place of an older one's", () => {
  const outbox = new OutcomeOutbox(clientLogOf("silent"));
  outbox.add("a", 1, failedForGood("no", "NO"));
  outbox.add("a", 2, done());
  expect(read(outbox.take())).toEqual(["a/2 completed"]);
  settle(outbox, "a", 1);
  expect(keysOf(outbox)).toEqual(["a/2"]);
});

test("a release of a lease that is lost is forgotten, anything else of it is not", () => {
  const outbox = new OutcomeOutbox(clientLogOf("silent"));
  outbox.add("a", 1, released(null));
  outbox.add("b", 1, done());
  for (const taskId of ["a", "b"]) outbox.lost({ taskId, attempt: 1 });
  outbox.lost({ taskId: "c", attempt: 1 });
  expect(keysOf(outbox)).toEqual(["b/1"]);
});

test("is emptied when the last one is settled or forgotten", async () => {
  const outbox = new OutcomeOutbox(clientLogOf("silent"));
  await outbox.emptied();
  outbox.add("a", 1, done());
  outbox.add("b", 1, done());
  const emptied = outbox.emptied();
  outbox.take();
  settle(outbox, "a");
  outbox.forget("b");
  await emptied;
});

test("whatever is added, settled and sent again, a message holds at most 1000 outcomes and each unsettled one is sent", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("add" as const), id: fc.nat(30), attempt: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ kind: fc.constant("settle" as const), id: fc.nat(30), attempt: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ kind: fc.constantFrom("take" as const, "again" as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const outbox = new OutcomeOutbox(clientLogOf("silent"));
      const sent = new Set<string>();
      const kept = new Map<string, number>();
      for (const each of steps) {
        switch (each.kind) {
          case "add":
            outbox.add(`t${each.id}`, each.attempt, done());
            kept.set(`t${each.id}`, each.attempt);
            sent.delete(`t${each.id}`);
            break;
          case "settle":
            settle(outbox, `t${each.id}`, each.attempt);
            if (kept.get(`t${each.id}`) === each.attempt && sent.has(`t${each.id}`)) kept.delete(`t${each.id}`);
            break;
          case "take": {
            const wanted = [...kept].filter(([id]) => !sent.has(id)).map(([id, n]) => `${id}/${n} completed`);
            expect(read(outbox.take()).toSorted()).toEqual(wanted.toSorted());
            for (const id of kept.keys()) sent.add(id);
            break;
          }
          case "again":
            outbox.sendAgain(null);
            sent.clear();
        }
        expect(keysOf(outbox).toSorted()).toEqual([...kept].map(([id, n]) => `${id}/${n}`).toSorted());
      }
    }),
  );
});

const cause = new Error("the disk is full");

test.each([
  ["an error", new Error("plain"), { error: { message: "plain", type: "Error" }, terminal: false }],
  ["an error of a class", new RangeError("odd"), { error: { message: "odd", type: "RangeError" }, terminal: false }],
  [
    "a terminal one",
    new TerminalError("never"),
    { error: { message: "never", type: "TerminalError" }, terminal: true },
  ],
  ["its own type", new TerminalError("no", { type: "NO_STOCK" }), { error: { type: "NO_STOCK" }, terminal: true }],
  ["a delay", new RetryLaterError("busy", 1_500), { terminal: false, retryDelay: { seconds: 1n, nanos: 500_000_000 } }],
  ["a delay that is none", new RetryLaterError("busy", Number.NaN), { retryDelay: { seconds: 0n } }],
  ["a delay beyond the bound", new RetryLaterError("busy", 1e15), { retryDelay: { seconds: 604_800n } }],
  [
    "an error with a cause",
    new Error("wrapped", { cause }),
    { error: { stackTrace: expect.stringContaining("Caused by: Error: the disk is full") } },
  ],
  ["a text", "only a text", { error: { message: "only a text", type: "string" } }],
  ["nothing", undefined, { error: { message: "undefined" } }],
  ["an error without a text", Object.assign(new Error("x"), { message: "" }), { error: { message: "Error" } }],
  ["a long one", new Error("x".repeat(1e6)), { error: { message: "x".repeat(8_192) } }],
])("a handler that threw %s failed, and says why", (_what, thrown, value) => {
  expect(outcomeOfThrown(thrown)).toMatchObject({ case: "failed", value });
});

test("a release says when", () => {
  expect(outcomeOfThrown(new ReleaseError())).toMatchObject({ case: "released", value: {} });
  expect(outcomeOfThrown(new ReleaseError(-5))).toMatchObject({ value: { delay: { seconds: 0n, nanos: 0 } } });
  expect(outcomeOfThrown(new ReleaseError(2_000))).toMatchObject({ value: { delay: { seconds: 2n } } });
});

const sized = (bytes: number) => completed(toPayload(new Uint8Array(bytes)));

test("an outcome that is larger than the server takes becomes a failure that says so, and is not sent again", () => {
  const outbox = new OutcomeOutbox(clientLogOf("silent"));
  outbox.add("large", 1, sized(900_000));
  outbox.add("small", 1, sized(1_000));
  expect(read(outbox.take())).toEqual(["large/1 completed", "small/1 completed"]);
  outbox.sendAgain({ maxBytes: 500_000 });
  expect(read(outbox.take()).sort()).toEqual(["large/1 failed", "small/1 completed"]);
});

test("where the server does not say what it takes, an outcome that went alone becomes that failure", () => {
  const outbox = new OutcomeOutbox(clientLogOf("silent"));
  for (const id of ["a", "b"]) outbox.add(id, 1, sized(1_500_000));
  expect(read(outbox.take())).toHaveLength(2);
  outbox.sendAgain({ maxBytes: null });
  expect(read(outbox.take())).toEqual(["a/1 completed"]);
  outbox.sendAgain({ maxBytes: null });
  expect([...read(outbox.take()), ...read(outbox.take())].sort()).toEqual(["a/1 failed", "b/1 completed"]);
});

test("what the server does not take is replaced, whatever was sent after it", () => {
  for (const maxBytes of [131_072, null]) {
    const outbox = new OutcomeOutbox(clientLogOf("silent"));
    outbox.add("large", 1, completed(toPayload(new Uint8Array(200_000))));
    outbox.take();
    // The stream is asked for more before it hears that the message was too large.
    expect(outbox.take()).toBeNull();
    outbox.add("small", 1, done());
    outbox.take();
    outbox.sendAgain({ maxBytes });
    expect(read(outbox.take())).toEqual(["large/1 failed", "small/1 completed"]);
  }
});

test("outcomes that are not stored are warned of: those that came too late, and those that nothing confirms; releases are not", () => {
  const { log, lines } = recordLog();
  const outbox = new OutcomeOutbox(log);
  for (const taskId of ["a", "b", "c"]) outbox.add(taskId, 1, done());
  outbox.add("d", 1, released(null));
  outbox.take();
  settle(outbox, "a", 1, SettleStatus.STALE);
  settle(outbox, "b");
  outbox.abandon();
  outbox.abandon();
  expect(lines).toEqual([
    "warn: outcomes were not stored, their leases were over: attempt 1 of a",
    "warn: outcomes were not stored, the server did not confirm them: attempt 1 of c",
  ]);
});
