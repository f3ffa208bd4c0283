/** CEL through a real server, where the library that is underneath does otherwise, or leaves open what is right. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WorkflowState } from "../../../gen/sitq/v1/workflow_service_pb.js";
import { fromPayload } from "../../../src/client/index.ts";
import type { JsonValue } from "../../../src/contract/json-value.ts";
import { json, present } from "../../harness/calls/tasks.ts";
import { readWorkflow, start } from "../../harness/calls/workflows.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";

const shared = shareServer();
const zone = process.env.TZ;
const input = {
  n: 7,
  half: 2.5,
  nul: null,
  name: "🙂a🙂b",
  list: [1, 2],
  map: { "a-b": 1, key: null },
  at: "2026-07-01T00:00:00Z",
};

// The results must not depend on where the server stands, and this zone has a day that lacks an hour.
beforeAll(() => {
  process.env.TZ = "Europe/Berlin";
});
afterAll(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

async function valuesOf(expressions: readonly string[]): Promise<unknown> {
  const queue = freshQueue();
  const parameters = json(expressions.map((each) => `\${${each}}`));
  const steps = [{ stepId: "only", serviceName: queue, action: "act", parameters }];
  const { id } = await start(shared(), { steps, input: json(input) });
  const { tasks } = await shared().worker.claimTasks({ workerId: "w", queues: [queue], maxTasks: 1 });
  if (tasks[0] === undefined) throw new Error((await readWorkflow(shared(), { id })).failure?.error?.message);
  return fromPayload(tasks[0].payload);
}

/** Why the step of an expression failed when it was handed out. */
async function failureOf(expression: string): Promise<string> {
  const queue = freshQueue();
  const steps = [{ stepId: "only", serviceName: queue, action: "act", parameters: json(`\${${expression}}`) }];
  const started = await start(shared(), { steps, input: json(input) });
  const { tasks } = await shared().worker.claimTasks({ workerId: "w", queues: [queue], maxTasks: 1 });
  expect(tasks.map(({ payload }) => fromPayload(payload))).toEqual([]);
  // The failure is settled aside; a second claim comes after it.
  await shared().worker.claimTasks({ workerId: "w", queues: [queue], maxTasks: 1 });
  const { state, failure } = await readWorkflow(shared(), started);
  expect(WorkflowState[state]).toBe("FAILED");
  expect(failure?.error?.type).toBe("EXPRESSION");
  return present(failure?.error).message;
}

/** What StartWorkflow says of an expression. */
async function refusalOf(expression: string): Promise<string> {
  const steps = [{ stepId: "only", serviceName: "q", action: "act", parameters: json({ a: expression }) }];
  const refused = await start(shared(), { steps, input: json(input) }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ reason: "INVALID_FIELD", field: "steps[0].parameters.json.a" });
  return refused instanceof Error ? refused.message : "";
}

const byTopic: Readonly<Record<string, readonly [string, JsonValue][]>> = {
  "times do not depend on the time zone of the server": [
    ["timestamp(input.at).getDayOfYear()", 181],
    ["timestamp(input.at).getDayOfYear('UTC')", 181],
    ["timestamp('2026-03-29T02:30:00Z').getHours()", 2],
    ["timestamp('2026-03-29T02:30:00Z').getHours('Europe/Berlin')", 4],
    ["timestamp('2026-03-29T02:30:00Z').getHours('UTC')", 2],
    ["timestamp('2026-03-29T23:30:00Z').getDate('Europe/Berlin')", 30],
    ["timestamp('2026-03-29T23:30:00Z').getDayOfMonth('+02:00')", 29],
    ["timestamp('2026-03-29T23:30:00Z').getHours('-01:30')", 22],
    ["timestamp('2026-12-31T23:30:00Z').getFullYear('+01:00')", 2027],
    ["timestamp('2026-01-04T00:00:00.123Z').getMilliseconds('Europe/Berlin')", 123],
    ["timestamp('2026-01-04T00:00:00Z').getDayOfWeek()", 0],
    ["timestamp('2024-12-31T00:00:00Z').getDayOfYear()", 365],
    ["timestamp('0099-03-01T00:00:00Z').getFullYear()", 99],
    ["timestamp('0099-03-01T00:00:00Z').getFullYear('+00:00')", 99],
  ],
  "times are seconds, and their differences spans": [
    ["timestamp(1767225600)", "2026-01-01T00:00:00Z"],
    ["timestamp(int(timestamp(input.at)))", "2026-07-01T00:00:00Z"],
    ["timestamp('2026-01-01T00:05:00Z') - timestamp('2026-01-01T00:00:00.5Z')", "299.500s"],
    ["timestamp('2026-01-01T00:00:00+02:00')", "2025-12-31T22:00:00Z"],
    ["timestamp(input.at) + duration('1h30m')", "2026-07-01T01:30:00Z"],
    ["duration('-1.5h')", "-5400s"],
    ["duration('0')", "0s"],
    ["duration('1h2m3s4ms5us6ns')", "3723.004005006s"],
  ],
  "a key with null is there": [
    ["has(input.nul)", true],
    ["'nul' in input", true],
    ["has(input.map.key)", true],
    ["{'a': null}.a == null", true],
    ["has({'a': null}.a)", true],
    ["'a' in {'a': null}", true],
    ["has(input.none)", false],
    ["'none' in input", false],
    ["has(input.nul.a)", false],
    ["1 in {1: null}", true],
  ],
  "text is counted in characters": [
    ["input.name.size()", 4],
    ["input.name.charAt(2)", "🙂"],
    ["input.name.substring(1, 3)", "a🙂"],
    ["input.name.indexOf('b')", 3],
    ["input.name.lastIndexOf('🙂')", 2],
    ["input.name.indexOf('🙂', 1)", 2],
    ["input.name.split('')", ["🙂", "a", "🙂", "b"]],
    ["'Grün Äpfel'.lowerAscii()", "grün Äpfel"],
    ["strings.quote('a\"\\n')", '"a\\"\\n"'],
  ],
  "split keeps the rest": [
    ["'a,b,,c'.split(',', 2)", ["a", "b,,c"]],
    ["'a,b,,c'.split(',', 0)", []],
    ["'a,b,,c'.split(',', 1)", ["a,b,,c"]],
    ["'a,b,,c'.split(',', -1)", ["a", "b", "", "c"]],
    ["'a,b,,c'.split(',', 9)", ["a", "b", "", "c"]],
  ],
  "numbers out of text": [
    ["int('7') + int('-7') + int('+1')", 1],
    ["double('1.5e3')", 1500],
    ["uint('7')", 7],
    ["int('-9223372036854775808') < 0", true],
    ["double('NaN') == double('NaN')", false],
  ],
  "format takes JSON's numbers, and rounds as they are": [
    ["'%d'.format([input.n])", "7"],
    ["'%x %X %o %b'.format([input.n, 255, input.n, input.n])", "7 FF 7 111"],
    ["'%.2f'.format([7])", "7.00"],
    ["'%.2f'.format([2.675])", "2.67"],
    ["'%.1f'.format([0.05])", "0.1"],
    ["'%.0f %.0f %.0f'.format([0.5, 1.5, input.half])", "0 2 2"],
    ["'%.1f'.format([-0.25])", "-0.2"],
    ["'%f'.format([1.0])", "1.000000"],
    ["'%.3e'.format([1234.5])", "1.234e+03"],
    ["'%.2e'.format([0.000000123])", "1.23e-07"],
    ["'%.1e'.format([9.99])", "1.0e+01"],
    ["'%.20f'.format([0.1])", "0.10000000000000000555"],
    ["'%.0f'.format([1e22])", "10000000000000000000000"],
    ["'%s %s'.format([input.list, input.map])", "[1, 2] {a-b: 1, key: null}"],
    ["'%%%s'.format(['x'])", "%x"],
    ["'%.2f'.format(['NaN'])", "NaN"],
    ["'%s'.format([timestamp(input.at)])", "2026-07-01T00:00:00Z"],
  ],
  "matches is a function too": [
    ["matches(input.name, 'a.b$')", true],
    ["input.list.all(x, matches(string(x), '^[12]$'))", true],
  ],
  "an index may be any whole number": [
    ["input.list[1.0]", 2],
    ["input.list[1u]", 2],
    ["input['map']['a-b']", 1],
    ["{1: 'x'}[1.0]", "x"],
    ["{true: 'x'}[true]", "x"],
  ],
  "comments and names in backticks": [
    ["input.n // seven's", 7],
    ["input.n // seven\n + 1 // and 'one", 8],
    ["'// none'", "// none"],
    ["input.map.`a-b`", 1],
    ["has(input.map.`a-b`) && !has(input.map.`a-c`)", true],
    ["input.list.map(x, {'`.`': x}).size()", 2],
  ],
  "whole numbers beyond 2^53 are text": [
    ["9007199254740991", 9007199254740991],
    ["9007199254740992", "9007199254740992"],
    ["-9223372036854775808", "-9223372036854775808"],
    ["18446744073709551615u", "18446744073709551615"],
  ],
};

describe.each(Object.entries(byTopic))("%s", (_, cases) => {
  it("in expressions", async () => {
    expect(await valuesOf(cases.map(([expression]) => expression))).toEqual(cases.map(([, value]) => value));
  });
});

describe("an expression without a value fails its step", () => {
  it.each([
    ["int('')", "no number"],
    ["double('')", "no number"],
    ["uint('-1')", "no number"],
    ["int(' 7 ')", "no number"],
    ["int('0x1F')", "no number"],
    ["int('9223372036854775808')", "64 bits"],
    ["double('abc') > 1.0", "no number"],
    ["double('0x1')", "no number"],
    ["duration('')", "no duration"],
    ["duration('1')", "no duration"],
    ["timestamp('2026-02-30T00:00:00Z')", "no moment"],
    ["timestamp('2026-01-01T24:00:00Z')", "no moment"],
    ["timestamp('2026-01-01T00:00:60Z')", "no moment"],
    ["timestamp('2026-01-01')", "no moment"],
    ["timestamp(253402300800)", "out of range"],
    ["timestamp(input.at).getHours('Nowhere/City')", "time zone"],
    ["[1][1]", "index 1 out of bounds [0, 1)"],
    ["input.list[-1]", "index -1 out of bounds [0, 2)"],
    ["input.list[0.5]", "whole number"],
    ["input['none']", "no such key: none"],
    ["'%d'.format([input.half])", "whole number"],
    ["'%f'.format([true])", "takes a number"],
    ["'%.1000f'.format([1.0])", "at most 100 digits"],
    ["'%y'.format([1])", "no clause %y"],
    ["'%s'.format([])", "more clauses"],
    ["''.format([1])", "more values"],
    ["'abc'.substring(2, 1)", "out of bounds"],
  ])("%s", async (expression, text) => {
    expect(await failureOf(expression)).toContain(text);
  });
});

describe("what is no expression is refused at the start", () => {
  it.each([
    ["${9223372036854775808}", "larger than 64 bits"],
    ["${[1, -9223372036854775809]}", "larger than 64 bits"],
    ["${18446744073709551616u}", "larger than 64 bits"],
    ["${1e999}", "larger than 64 bits"],
    ["${google.protobuf.Duration{seconds: 1}}", "cannot be made"],
    ["${cel.bind(x, 1, x)}", "there is no"],
    ["${math.greatest(1, 2)}", "there is no"],
    ["${input.list.sort()}", "there is no function sort"],
    ["${optional.of(1)}", "there is no"],
    ["${input.?n}", "at character"],
    ["${sets.contains([1], [1])}", "there is no"],
    ["${upperAscii('a')}", "value.upperAscii()"],
    ["${input.name.int()}", "int(value)"],
    ["${matches('a')}", "does not take 1 argument"],
    ["${'a'.replace('b')}", "does not take 1 argument"],
  ])("%s", async (expression, text) => {
    expect(await refusalOf(expression)).toContain(text);
  });
});

describe("a text with $${", () => {
  it("always has ${ in its place, with another expression or without", async () => {
    const queue = freshQueue();
    const parameters = json({ only: "costs $${input.n}", mixed: "$${input.n} is ${input.n}", plain: "$ and {" });
    await start(shared(), {
      steps: [{ stepId: "a", serviceName: queue, action: "a", parameters }],
      input: json(input),
    });
    const plain = json({ v: "costs $${input.n}" });
    await start(shared(), { steps: [{ stepId: "a", serviceName: queue, action: "a", parameters: plain }] });
    const { tasks } = await shared().worker.claimTasks({ workerId: "w", queues: [queue], maxTasks: 2 });
    expect(tasks.map(({ payload }) => fromPayload(payload))).toEqual([
      { only: "costs ${input.n}", mixed: "${input.n} is 7", plain: "$ and {" },
      { v: "costs ${input.n}" },
    ]);
  });
});
