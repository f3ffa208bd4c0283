import { create, toJson } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { shellQuoted } from "../../../console/src/rpc/shell-quoted.ts";
import {
  filterOptions,
  parseTaskQuery,
  readTaskQuery,
  tasksHref,
} from "../../../console/src/views/tasks/task-query.ts";
import { TaskFilterSchema } from "../../../gen/sitq/v1/queue_service_pb.js";

function read(address: string) {
  const { filter, problems } = readTaskQuery(parseTaskQuery(new URLSearchParams(address)));
  return { filter: toJson(TaskFilterSchema, create(TaskFilterSchema, filter)), problems: [...problems.keys()] };
}

test.each([
  ["", {}],
  ["queue=mail&state=failed", { queue: "mail", states: ["TASK_STATE_FAILED"] }],
  ["state=failed&state=pending,running", { states: ["TASK_STATE_PENDING", "TASK_STATE_RUNNING", "TASK_STATE_FAILED"] }],
  ["error=", { errorType: "" }],
  ["error=SmtpError&error-text=no+route", { errorType: "SmtpError", errorText: "no route" }],
  [
    "correlation-id=req-7&worker=w&source=s&type=t",
    { correlationId: "req-7", workerId: "w", sourceService: "s", type: "t" },
  ],
  ["attempt=0", { minAttempt: 0, maxAttempt: 0 }],
  ["attempt=3..", { minAttempt: 3 }],
  ["attempt=..5", { maxAttempt: 5 }],
  ["priority=-10..5", { minPriority: -10, maxPriority: 5 }],
  ["state-age=1h 30m", { minStateAge: "5400s" }],
  [
    "since=2026-11-29T15:00:00Z&until=2026-11-30T00:00:00Z",
    { createdAfter: "2026-11-29T15:00:00Z", createdBefore: "2026-11-30T00:00:00Z" },
  ],
  ["order=oldest", {}],
])("the address %s is a filter", (address, filter) => {
  expect(read(address)).toEqual({ filter, problems: [] });
});

test.each([
  "attempt=x",
  "attempt=1..2..3",
  "attempt=..",
  "priority=1.5",
  "state-age=soon",
  "state-age=10",
  "since=yesterday",
])("what cannot be read of %s is named", (address) => {
  expect(read(address).problems).toEqual([address.slice(0, address.indexOf("="))]);
});

test.each(["state=faild", "state=failed,odd", "correlation=req-7", "order=odd"])(
  "%s of an address is no filter, and does not go unsaid",
  (address) => {
    expect(parseTaskQuery(new URLSearchParams(`queue=mail&${address}`)).unknown).toEqual([address]);
  },
);

test.each([
  "#/tasks",
  "#/tasks?queue=mail&state=failed",
  "#/tasks?error=",
  "#/tasks?queue=a%26b&error-text=%25+%23&state=pending&state=running&error=E&order=oldest",
])("the address %s leads to where it came from", (address) => {
  expect(tasksHref(parseTaskQuery(new URLSearchParams(address.split("?")[1])))).toBe(address);
});

test("a filter is the options of the command", () => {
  const query = parseTaskQuery(
    new URLSearchParams("queue=mail&state=failed,running&error=&error-text=it's&state-age=10m"),
  );
  expect(filterOptions(query)).toBe(
    `--queue mail --error-text 'it'\\''s' --state-age 10m --state running,failed --error ''`,
  );
});

test.each([
  ["plain-1.2", "plain-1.2"],
  ["", "''"],
  ["$(rm -rf /)", "'$(rm -rf /)'"],
  ["a'b", `'a'\\''b'`],
  ["a\nb", "'a\nb'"],
])("%j is quoted for a shell", (word, quoted) => {
  expect(shellQuoted(word)).toBe(quoted);
});
