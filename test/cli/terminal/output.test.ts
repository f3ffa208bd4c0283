import { stripVTControlCharacters } from "node:util";
import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { taskTable } from "../../../src/cli/tasks/output/task-table.ts";
import { fitColumns, type Layout } from "../../../src/cli/terminal/layout.ts";
import { bytesText, counted } from "../../../src/cli/terminal/numbers.ts";
import { createPaint } from "../../../src/cli/terminal/paint.ts";
import { clipped, printable, printableLines } from "../../../src/cli/terminal/printable.ts";
import { factsText, tableText } from "../../../src/cli/terminal/table.ts";
import { ago, localTime, roughly } from "../../../src/cli/terminal/times.ts";
import { TaskSchema, TaskState } from "../../../src/client/index.ts";

const plain: Layout = { paint: createPaint(false), width: Number.POSITIVE_INFINITY };

it.each([
  [-5, "0s"],
  [999, "0s"],
  [59_999, "59s"],
  [60_000, "1m"],
  [3_599_999, "59m"],
  [7_200_000, "2h"],
  [2 * 86_400_000 - 1, "47h"],
  [9 * 86_400_000, "9d"],
])("roughly %d ms is %s", (ms, text) => {
  expect(roughly(ms)).toBe(text);
});

it("says how long ago, and how far ahead", () => {
  expect(ago(1_000, 181_000)).toBe("3m ago");
  expect(ago(301_000, 1_000)).toBe("in 5m");
  // The server's clock need not be this one.
  expect(ago(1_500, 1_000)).toBe("0s ago");
  expect(localTime(new Date(2026, 0, 2, 3, 4, 5).getTime())).toBe("2026-01-02 03:04:05");
});

it.each([
  [0, "0 B"],
  [1_023, "1023 B"],
  [1_536, "1.5 KiB"],
  [1_048_576, "1.0 MiB"],
  [300 * 1_048_576, "300 MiB"],
])("%d bytes are %s", (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

it("counts in the plural, except one", () => {
  expect([0, 1, 1_234].map((count) => counted(count, "task"))).toEqual(["0 tasks", "1 task", "1,234 tasks"]);
  expect(counted(1n, "FAILED task")).toBe("1 FAILED task");
});

describe("text of strangers", () => {
  it("holds nothing that a terminal obeys", () => {
    expect(printable("a\u001b[2Jb\r\nc\u009bd\u0000")).toBe("a [2Jb c d");
    expect(printableLines("a\u001b[2J\n\tb\r\u0007")).toBe("a[2J\n\tb");
    expect(clipped("123456789\n0", 8)).toBe("1234567…");
    expect(clipped("12345678", 8)).toBe("12345678");
  });
});

describe("tables", () => {
  const columns = [
    { title: "NAME", cell: ({ name }: { name: string }) => name },
    { title: "N", cell: ({ name }: { name: string }) => String(name.length), align: "right" as const },
    { title: "", cell: () => "" },
  ];

  it("stand in columns, without blanks at the ends", () => {
    const rows = [{ name: "a" }, { name: "long name" }, { name: "日本" }];
    expect(tableText(columns, rows, plain)).toBe("NAME       N\na          1\nlong name  9\n日本       2");
  });

  it("stand in the same columns when they are painted", () => {
    const paint = createPaint(true);
    const painted = [
      { ...columns[0], title: "NAME", cell: ({ name }: { name: string }) => paint.bad(name) },
      ...columns.slice(1),
    ];
    const text = tableText(painted, [{ name: "a" }, { name: "bb" }], { ...plain, paint });
    expect(text).toContain("\u001b[31ma\u001b[39m");
    expect(stripVTControlCharacters(text).replace(/ +$/gm, "")).toBe("NAME  N\na     1\nbb    2");
  });

  it.each([
    { width: 26, expected: "NAME        N  NOTE\nlong name…  9  some remar…" },
    { width: 21, expected: "NAME        NOTE\nlong name…  some rem…" },
  ])("are cut, then leave columns out, to fit into $width characters", ({ width, expected }) => {
    const narrow = [
      { title: "NAME", cell: () => "long names go", least: 10 },
      { title: "N", cell: () => "9", leaveOut: 1 },
      { title: "NOTE", cell: () => "some remark of it", least: 9 },
    ];
    const text = tableText(narrow, [null], { ...plain, width });
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(width);
    expect(text).toBe(expected);
  });

  it("leave out first what says nothing in any row, where they do not fit", () => {
    const columns = [
      { title: "WHAT", cell: () => "order.created of shop", least: 8 },
      { title: "TOOK", cell: () => "" },
      { title: "REMARK", cell: () => "", least: 10 },
    ];
    expect(tableText(columns, [null], { ...plain, width: 24 })).toBe("WHAT\norder.created of shop");
    expect(tableText(columns, [null], plain)).toContain("TOOK  REMARK");
    expect(tableText(columns, [], { ...plain, width: 8 })).toContain("TOOK");
  });

  it("keep what may neither be cut nor left out, however narrow the terminal is", () => {
    expect(fitColumns([{ natural: 9, least: undefined, leaveOut: undefined }], 4, 2)).toEqual([9]);
  });

  it("cut painted cells without cutting the colour", () => {
    const paint = createPaint(true);
    const text = tableText([{ title: "A", cell: () => paint.bad("0123456789"), least: 4 }], [null], {
      paint,
      width: 5,
    });
    expect(stripVTControlCharacters(text)).toBe("A\n0123…");
    expect(text).toContain("\u001b[39m");
  });

  it("of facts leave out what says nothing", () => {
    expect(
      factsText(
        [
          ["A", "1"],
          ["Long name", "2\n3"],
          ["B", ""],
        ],
        plain.paint,
      ),
    ).toBe("A          1\nLong name  2\n           3");
  });

  it("of tasks say what there is to know of each state", () => {
    const nowMs = Date.UTC(2026, 6, 1);
    const at = (ms: number) => timestampFromMs(nowMs + ms);
    const error = { type: "E", message: "no\nway" };
    const task = (id: string, state: TaskState, more = {}) =>
      create(TaskSchema, { id, queue: "q", type: "t", state, maxAttempts: 5, createTime: at(-60_000), ...more });
    const tasks = [
      task("1", TaskState.PENDING),
      task("2", TaskState.SCHEDULED, { attempt: 1, scheduleTime: at(300_000), lastError: error }),
      task("3", TaskState.RUNNING, {
        attempt: 2,
        workerId: "w",
        startTime: at(-12_300),
        progress: { fraction: 0.254, message: "half" },
      }),
      task("4", TaskState.FAILED, { attempt: 5, lastError: error, startTime: at(-5_000), finishTime: at(-3_568) }),
      task("5", TaskState.CANCELLED, { lastError: { type: "CANCELLED", message: "flood" } }),
      task("6", TaskState.COMPLETED, { attempt: 1, lastError: error, startTime: at(-90), finishTime: at(-50) }),
    ];
    expect(taskTable(tasks.slice(0, 2), plain, { nowMs })).toMatch(
      /^ID {2}QUEUE {2}TYPE {2}STATE {6}ATTEMPT {2}AGE {2}REMARK\n/,
    );
    const narrow = { ...plain, width: 80 };
    expect(taskTable(tasks.slice(2, 3), narrow, { nowMs })).toMatch(
      /^ID {2}QUEUE {2}TYPE {2}STATE {4}ATTEMPT {2}AGE {2}RUNNING FOR {2}REMARK\n3 {3}q {6}t {5}RUNNING {6}2\/5 {3}1m {10}12s {2}on w 25 % half$/,
    );
    expect(
      taskTable(tasks, plain, { nowMs })
        .split("\n")
        .map((line) => line.trimEnd()),
    ).toEqual([
      "ID  QUEUE  TYPE  STATE      ATTEMPT  AGE  RUNNING FOR  TOOK  REMARK",
      "1   q      t     PENDING        0/5   1m",
      "2   q      t     SCHEDULED      1/5   1m                     due in 5m, after E: no way",
      "3   q      t     RUNNING        2/5   1m          12s        on w 25 % half",
      "4   q      t     FAILED         5/5   1m               1.4s  E: no way",
      "5   q      t     CANCELLED      0/5   1m                     flood",
      "6   q      t     COMPLETED      1/5   1m               40ms",
    ]);
  });
});
