import { expect, test } from "vitest";
import { isUnrecorded, parseHeaders, parseTraceContext, traceHeaders } from "../../src/contract/trace-context.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "b7ad6b7169203331";

test.each([
  [`00-${traceId}-${spanId}-01`, true],
  [`00-${traceId}-${spanId}-00`, false],
  [`00-${traceId}-${spanId}-03`, true],
  [`cc-${traceId}-${spanId}-01-what-comes-later`, true],
])("reads %s", (parent, isSampled) => {
  expect(parseTraceContext(parent, "x=1")).toEqual({ traceId, spanId, isSampled, state: "x=1" });
});

test.each([
  "",
  "00-1",
  `ff-${traceId}-${spanId}-01`,
  `00-${traceId}-${spanId}-01-more`,
  `00-${traceId.toUpperCase()}-${spanId}-01`,
  `00-${"0".repeat(32)}-${spanId}-01`,
  `00-${traceId}-${"0".repeat(16)}-01`,
  `00-${traceId}-${spanId}-1`,
])("goes on with no trace for %j", (parent) => {
  expect(parseTraceContext(parent)).toBeNull();
});

test("writes what it reads, and no state that is too long", () => {
  const parent = `00-${traceId}-${spanId}-01`;
  const context = { traceId, spanId, isSampled: true, state: "" };
  expect(traceHeaders(context)).toEqual({ traceparent: parent });
  expect(traceHeaders({ ...context, state: "x=1" })).toEqual({ traceparent: parent, tracestate: "x=1" });
  expect(traceHeaders({ ...context, state: "x".repeat(513) })).toEqual({ traceparent: parent });
  expect(parseTraceContext(parent, "x".repeat(513))?.state).toBe("");
});

test.each([
  [{ traceparent: `00-${traceId}-${spanId}-00` }, true],
  [{ traceparent: `00-${traceId}-${spanId}-01` }, false],
  [{ traceparent: `00-${traceId}-${spanId}-02`, tracestate: "x=1" }, true],
  // Looked at no closer: they may be.
  [{ traceparent: `cc-${traceId}-${spanId}-00-what-comes-later` }, false],
  [{ tenant: "acme", traceparent: `00-${traceId}-${spanId}-00` }, false],
  [{ tenant: "acme" }, false],
  [{ traceparent: "x".repeat(55) }, true],
  [{ traceparent: `"${"\n".repeat(54)}` }, false],
  [{ traceparent: `${"\\".repeat(27)}a` }, true],
])("reads %o as JSON does, and whether it is surely not recorded", (headers, expected) => {
  const json = JSON.stringify(headers);
  expect(parseHeaders(json)).toEqual(headers);
  expect(isUnrecorded(json)).toBe(expected);
});
