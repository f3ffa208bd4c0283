import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type GraphProblem,
  type GraphStep,
  resolveGraph,
  type StepGraph,
} from "../../../src/domain/workflows/workflow-graph.ts";

/** Steps from `name: those it depends on`. */
function steps(graph: Readonly<Record<string, string>>): GraphStep[] {
  return Object.entries(graph).map(([stepId, names]) => ({ stepId, dependsOn: names === "" ? [] : names.split(" ") }));
}

function accepted(graph: readonly GraphStep[]): StepGraph {
  const resolved = resolveGraph(graph);
  if ("kind" in resolved) throw new Error(`refused: ${JSON.stringify(resolved)}`);
  return resolved;
}

function refused(graph: readonly GraphStep[]): GraphProblem {
  const resolved = resolveGraph(graph);
  if (!("kind" in resolved)) throw new Error("accepted");
  return resolved;
}

describe("a graph of steps", () => {
  it("is resolved to numbers, with all that comes before each step", () => {
    const { dependsOn, ancestors } = accepted(steps({ ship: "pack pay", pay: "order", pack: "order", order: "" }));
    expect(dependsOn).toEqual([[2, 1], [3], [3], []]);
    expect(ancestors.map((set) => [...set].toSorted())).toEqual([[1, 2, 3], [3], [3], []]);
  });

  it.each<[string, GraphStep[], GraphProblem]>([
    [
      "two steps of one name",
      [...steps({ a: "", b: "" }), { stepId: "a", dependsOn: [] }],
      { kind: "duplicate_step", step: 2 },
    ],
    ["a step that is not there", steps({ a: "", b: "a c" }), { kind: "unknown_step", step: 1, dependency: 1 }],
    ["a step that waits for itself", steps({ a: "", b: "a b" }), { kind: "depends_on_itself", step: 1, dependency: 1 }],
    ["a dependency twice", steps({ a: "", b: "a a" }), { kind: "repeated_dependency", step: 1, dependency: 1 }],
    [
      "a cycle of two, behind a step that is in order",
      steps({ first: "", a: "first b", b: "a" }),
      { kind: "cycle", step: 1, dependency: 1, path: ["a", "b", "a"] },
    ],
    [
      "a cycle that is reached from a step that is not part of it",
      steps({ out: "a", a: "c", b: "a", c: "b" }),
      { kind: "cycle", step: 1, dependency: 0, path: ["a", "c", "b", "a"] },
    ],
  ])("is refused with %s", (_, graph, problem) => {
    expect(refused(graph)).toEqual(problem);
  });

  /** Steps in an order, each dependent on some before it, then shuffled. */
  const acyclic: fc.Arbitrary<GraphStep[]> = fc
    .integer({ min: 1, max: 12 })
    .chain((size) =>
      fc.tuple(
        ...Array.from({ length: size }, (_, number) =>
          fc.subarray(Array.from({ length: number }, (_, earlier) => `s${earlier}`)),
        ),
      ),
    )
    .map((lists) => lists.map((dependsOn, number): GraphStep => ({ stepId: `s${number}`, dependsOn })))
    .chain((graph) => fc.shuffledSubarray(graph, { minLength: graph.length, maxLength: graph.length }));

  it("is accepted if it has no cycle, and the ancestors are what can be reached", () => {
    fc.assert(
      fc.property(acyclic, (graph) => {
        const { ancestors } = accepted(graph);
        const byName = new Map(graph.map((step) => [step.stepId, step]));
        for (const [number, step] of graph.entries()) {
          const reached = new Set<string>();
          const visit = (name: string) => {
            for (const next of byName.get(name)?.dependsOn ?? []) {
              if (reached.has(next)) continue;
              reached.add(next);
              visit(next);
            }
          };
          visit(step.stepId);
          const names = [...(ancestors[number] ?? [])].map((ancestor) => graph[ancestor]?.stepId);
          expect(names.toSorted()).toEqual([...reached].toSorted());
        }
      }),
    );
  });

  it("is refused with a cycle that is one as soon as an edge leads back", () => {
    fc.assert(
      fc.property(acyclic, fc.nat(), (graph, seed) => {
        const { ancestors } = accepted(graph);
        const edges = ancestors.flatMap((set, step) => [...set].map((ancestor) => [ancestor, step] as const));
        const back = edges[seed % Math.max(edges.length, 1)];
        fc.pre(back !== undefined);
        const [from, to] = back;
        const bent = graph.map((step, number) =>
          number === from ? { ...step, dependsOn: [...step.dependsOn, graph[to]?.stepId ?? ""] } : step,
        );

        const problem = refused(bent);
        if (problem.kind !== "cycle") throw new Error(problem.kind);
        const { path } = problem;
        expect(path.length).toBeGreaterThan(2);
        expect(path[0]).toBe(path.at(-1));
        expect(new Set(path).size).toBe(path.length - 1);
        const dependenciesOf = (name: string | undefined) =>
          bent.find(({ stepId }) => stepId === name)?.dependsOn ?? [];
        for (const [place, name] of path.slice(1).entries()) expect(dependenciesOf(path[place])).toContain(name);
        const first = bent[problem.step];
        expect([first?.stepId, first?.dependsOn[problem.dependency]]).toEqual(path.slice(0, 2));
      }),
    );
  });
});
