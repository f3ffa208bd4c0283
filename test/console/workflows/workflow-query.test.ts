import { expect, test } from "vitest";
import { parseSpan } from "../../../console/src/ui/parse-span.ts";
import { workflowFilterOf, workflowQueryOf } from "../../../console/src/views/workflows/workflow-query.ts";
import { WorkflowState } from "../../../gen/sitq/v1/workflow_service_pb.js";

test("the address says which workflows are listed", () => {
  const query = workflowQueryOf(
    new URLSearchParams("name=place-order&state=failed&state=cancelled&state=odd&stuck=10m&correlation=req-7"),
  );
  expect(workflowFilterOf(query)).toMatchObject({
    name: "place-order",
    states: [WorkflowState.FAILED, WorkflowState.CANCELLED],
    correlationId: "req-7",
    stuckFor: { seconds: 600n },
  });
  expect(workflowFilterOf(workflowQueryOf(new URLSearchParams("stuck=soon")))).toEqual({
    name: "",
    states: [],
    correlationId: "",
  });
});

test("spans are read as the command reads them", () => {
  const cases: readonly (readonly [string, number | null])[] = [
    ["10m", 600_000],
    [" 1h30m ", 5_400_000],
    ["250ms", 250],
    ["2d", 172_800_000],
    ["", null],
    ["10", null],
    ["m", null],
    ["-1s", null],
    ["1.5h", null],
  ];
  for (const [text, ms] of cases) expect([text, parseSpan(text)]).toEqual([text, ms]);
});
