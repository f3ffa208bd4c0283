import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { type Entry, eventEntry, taskEntry, workflowEntry } from "../../../console/src/views/trace/entries.ts";
import { traceTree } from "../../../console/src/views/trace/trace-tree.ts";
import { EventSchema } from "../../../gen/sitq/v1/event_pb.js";
import { TaskSchema, TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { WorkflowSchema, WorkflowState } from "../../../gen/sitq/v1/workflow_service_pb.js";

function event(position: string, id: string, causationId = ""): Entry {
  return eventEntry(create(EventSchema, { id, position, type: "order.created", sourceService: "shop", causationId }));
}

function task(id: string, origin?: Parameters<typeof create<typeof TaskSchema>>[1]): Entry {
  return taskEntry(create(TaskSchema, { id, type: "work", queue: "jobs", state: TaskState.PENDING, ...origin }));
}

function drawn(entries: readonly Entry[]): string[] {
  return traceTree(entries).map(({ entry, depth }) => `${"  ".repeat(depth)}${entry.kind} ${entry.id}`);
}

test("each entry stands below what set it off, in the order in which they were stored", () => {
  const entries = [
    task("06", { origin: { eventId: "e-1", eventSourceService: "shop", subscription: "billing" } }),
    event("05", "e-1", "02"),
    workflowEntry(create(WorkflowSchema, { id: "01", name: "place-order", state: WorkflowState.RUNNING })),
    task("02", { origin: { workflowId: "01", stepId: "charge" } }),
    task("03", { origin: { workflowId: "01", stepId: "ship" } }),
    task("07", { origin: { workflowId: "01", stepId: "charge", isCompensation: true } }),
    task("04"),
    task("08", { origin: { rerunOfTaskId: "04" } }),
    event("09", "e-2", "e-1"),
  ];
  expect(drawn(entries)).toEqual([
    "workflow 01",
    "  step 02",
    "    event e-1",
    "      delivery 06",
    "      event e-2",
    "  step 03",
    "  compensation 07",
    "task 04",
    "  task 08",
  ]);
});

test("of events with the same id the source tells which one a delivery is of", () => {
  const other = eventEntry(create(EventSchema, { id: "e-1", position: "02", type: "x", sourceService: "other" }));
  const entries = [event("01", "e-1"), other, task("03", { origin: { eventId: "e-1", eventSourceService: "other" } })];
  expect(traceTree(entries).map(({ entry, depth }) => [entry.key, depth])).toEqual([
    ["01", 0],
    ["02", 0],
    ["03", 1],
  ]);
});

test("causes in a circle, of themselves, later or unknown ones set nothing off", () => {
  const entries = [event("01", "a", "b"), event("02", "b", "a"), event("03", "c", "c"), event("04", "d", "gone")];
  expect(drawn(entries)).toEqual(["event a", "  event b", "event c", "event d"]);
});

test("a chain of ten thousand causes is drawn, from a depth on no further to the right", () => {
  const chain = Array.from({ length: 10_000 }, (_, n) =>
    event(`${n}`.padStart(6, "0"), `e-${n}`, n === 0 ? "" : `e-${n - 1}`),
  );
  const nodes = traceTree(chain);
  expect([nodes.length, nodes.at(1)?.depth, nodes.at(-1)?.depth]).toEqual([10_000, 1, 12]);
});

test("an entry says in a few words what it is, its state and why it did not complete", () => {
  const failed = task("01", {
    state: TaskState.FAILED,
    attempt: 3,
    createTime: timestampFromMs(1_000),
    startTime: timestampFromMs(2_000),
    finishTime: timestampFromMs(3_000),
    lastError: { type: "TypeError", message: "no such card" },
    origin: { workflowId: "00", stepId: "charge" },
  });
  expect(failed).toMatchObject({
    kind: "step",
    what: "charge: work in jobs",
    state: "failed",
    error: "no such card",
    attempt: 3,
  });
  expect([failed.createMs, failed.startMs, failed.endMs]).toEqual([1_000, 2_000, 3_000]);
  expect(event("02", "e-1").what).toBe("order.created of shop");
});
