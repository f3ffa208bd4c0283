import { expect, test } from "vitest";
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

test("durations are read as the command reads them", () => {
  const stuckFor = (stuck: string) => workflowFilterOf(workflowQueryOf(new URLSearchParams({ stuck }))).stuckFor;
  const cases: readonly (readonly [string, number])[] = [
    ["10m", 600],
    [" 1h30m ", 5_400],
    ["1.5h", 5_400],
    ["2w", 1_209_600],
  ];
  for (const [text, seconds] of cases) expect([text, stuckFor(text)?.seconds]).toEqual([text, BigInt(seconds)]);
  for (const text of ["", "10", "m", "-1s"]) expect([text, stuckFor(text)]).toEqual([text, undefined]);
});
