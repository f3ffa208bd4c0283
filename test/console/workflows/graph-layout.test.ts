import { expect, test } from "vitest";
import { edgePath, layoutSteps, nodeSize, type PlacedStep } from "../../../console/src/views/workflows/graph-layout.ts";

function overlaps(a: { x: number; y: number }, b: { x: number; y: number }): boolean {
  return Math.abs(a.x - b.x) < nodeSize.width && Math.abs(a.y - b.y) < nodeSize.height;
}

test("each step stands behind all that it depends on, and none covers another", () => {
  // Seven layers of thirty steps, of which each depends on three of the layer before.
  const steps: readonly PlacedStep[] = Array.from({ length: 210 }, (_, n) => ({
    stepId: `s${n}`,
    dependsOn: n < 30 ? [] : [0, 7, 19].map((by) => `s${Math.floor(n / 30) * 30 - 30 + ((n + by) % 30)}`),
  }));
  const { nodes, edges, width, height } = layoutSteps(steps);
  expect(nodes.map(({ stepId }) => stepId)).toEqual(steps.map(({ stepId }) => stepId));
  expect(edges).toHaveLength(180 * 3);
  const at = new Map(nodes.map((node) => [node.stepId, node]));
  for (const { from, to, points } of edges) {
    expect((at.get(to)?.x ?? 0) - (at.get(from)?.x ?? 0)).toBeGreaterThanOrEqual(nodeSize.width);
    expect(points.length).toBeGreaterThanOrEqual(2);
  }
  for (const [index, node] of nodes.entries()) {
    expect(node.x >= 0 && node.x + nodeSize.width <= width && node.y >= 0 && node.y + nodeSize.height <= height).toBe(
      true,
    );
    for (const other of nodes.slice(index + 1)) expect(overlaps(node, other)).toBe(false);
  }
});

test("what is no step, as in a damaged workflow, is passed over", () => {
  const { nodes, edges } = layoutSteps([{ stepId: "ship", dependsOn: ["pack"] }]);
  expect([nodes.length, edges]).toEqual([1, []]);
  expect(layoutSteps([])).toMatchObject({ nodes: [], edges: [] });
});

test("names that objects have of themselves are names of steps like others", () => {
  const { edges } = layoutSteps([
    { stepId: "constructor", dependsOn: [] },
    { stepId: "toString", dependsOn: ["constructor"] },
  ]);
  expect(edges.map(({ from, to }) => [from, to])).toEqual([["constructor", "toString"]]);
});

test("a line goes through its first and its last point, and bends on its way", () => {
  const points = [
    { x: 0, y: 0 },
    { x: 10, y: 4 },
    { x: 20, y: 8.26 },
    { x: 30, y: 8 },
  ];
  expect(edgePath(points)).toBe("M0 0Q10 4 15 6.1Q20 8.3 25 8.1L30 8");
  expect(edgePath(points.slice(0, 2))).toBe("M0 0L10 4");
  expect(edgePath([])).toBe("");
});
