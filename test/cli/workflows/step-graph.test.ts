import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DrawnStep, drawGraph, stepMark } from "../../../src/cli/workflows/step-graph.ts";

/** Steps from `name: those it depends on`. */
function steps(graph: Readonly<Record<string, string>>): DrawnStep[] {
  return Object.entries(graph).map(([stepId, names]) => ({ stepId, dependsOn: names === "" ? [] : names.split(" ") }));
}

/** The drawing with the names of the steps instead of marks, which are one letter each. */
function drawn(graph: Readonly<Record<string, string>>): string[] {
  const all = steps(graph);
  return drawGraph(all).map(({ edges, step }) => edges.replace(stepMark, all[step ?? -1]?.stepId ?? "?"));
}

describe("the drawing of a graph", () => {
  it.each<[string, Record<string, string>, string[]]>([
    ["one step", { a: "" }, ["a"]],
    ["a chain", { a: "", b: "a", c: "b" }, ["a", "b", "c"]],
    ["two that have nothing to do with each other", { a: "", b: "" }, ["a", "b"]],
    ["a diamond", { a: "", b: "a", c: "a", d: "b c" }, ["a", "├─┐", "b │", "│ c", "├─┘", "d"]],
    ["a diamond in another order", { d: "b c", c: "a", b: "a", a: "" }, ["a", "├─┐", "c │", "│ b", "├─┘", "d"]],
    ["an edge past a step", { a: "", b: "a", c: "a b" }, ["a", "├─┐", "b │", "├─┘", "c"]],
    ["two beginnings", { a: "", b: "", c: "a b" }, ["a", "│ b", "├─┘", "c"]],
    [
      "a fan-out of 8",
      { a: "", b: "a", c: "a", d: "a", e: "a", f: "a", g: "a", h: "a", i: "a", j: "b c d e f g h i" },
      [
        "a",
        "├─┬─┬─┬─┬─┬─┬─┐",
        "b │ │ │ │ │ │ │",
        "│ c │ │ │ │ │ │",
        "│ │ d │ │ │ │ │",
        "│ │ │ e │ │ │ │",
        "│ │ │ │ f │ │ │",
        "│ │ │ │ │ g │ │",
        "│ │ │ │ │ │ h │",
        "│ │ │ │ │ │ │ i",
        "├─┴─┴─┴─┴─┴─┴─┘",
        "j",
      ],
    ],
    [
      "edges that cross",
      { a: "", b: "", c: "a", d: "a b", e: "b", f: "c e" },
      ["a", "├─┐", "│ │ b", "│ │ ├─┐", "c │ │ │", "│ ├─┘ │", "│ d   │", "│     e", "├─────┘", "f"],
    ],
  ])("shows %s", (_, graph, lines) => {
    expect(drawn(graph)).toEqual(lines);
  });

  it("has every step once, below all that it depends on, and edges only where there are some to show", () => {
    const acyclic = fc
      .integer({ min: 1, max: 14 })
      .chain((size) =>
        fc.tuple(
          ...Array.from({ length: size }, (_, number) =>
            fc.subarray(Array.from({ length: number }, (__, earlier) => `s${earlier}`)),
          ),
        ),
      );
    fc.assert(
      fc.property(acyclic, (lists) => {
        const all = lists.map((dependsOn, number): DrawnStep => ({ stepId: `s${number}`, dependsOn }));
        const order = drawGraph(all).flatMap(({ step }) => (step === null ? [] : [step]));
        expect(order.toSorted((a, b) => a - b)).toEqual([...all.keys()]);
        for (const [place, number] of order.entries()) {
          const before = new Set(order.slice(0, place).map((each) => `s${each}`));
          expect(all[number]?.dependsOn.every((name) => before.has(name))).toBe(true);
        }
      }),
    );
  });

  it("goes without edges where there are too many side by side", () => {
    const wide = Object.fromEntries([["a", ""], ...Array.from({ length: 60 }, (_, n) => [`s${n}`, "a"])]);
    expect(drawGraph(steps(wide)).map(({ edges }) => edges)).toEqual(Array.from({ length: 61 }, () => stepMark));
  });
});
