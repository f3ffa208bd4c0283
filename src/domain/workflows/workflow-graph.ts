/** A step of a graph: its name, and the names of those that have to be completed first. */
export interface GraphStep {
  readonly stepId: string;
  readonly dependsOn: readonly string[];
}

/** What is wrong with a graph. `step` is the number of the step at fault, `dependency` the place in its `dependsOn`. */
export type GraphProblem =
  /** Another step before it has its name. */
  | { readonly kind: "duplicate_step"; readonly step: number }
  | { readonly kind: "unknown_step"; readonly step: number; readonly dependency: number }
  | { readonly kind: "depends_on_itself"; readonly step: number; readonly dependency: number }
  /** It names the same step twice. */
  | { readonly kind: "repeated_dependency"; readonly step: number; readonly dependency: number }
  /** `path` is the way round, by name; the first is the last again: a depends on b depends on a is `["a", "b", "a"]`. */
  | { readonly kind: "cycle"; readonly step: number; readonly dependency: number; readonly path: readonly string[] };

/** A graph without cycles, by the numbers of its steps. */
export interface StepGraph {
  /** Of each step the steps that have to be completed first. */
  readonly dependsOn: readonly (readonly number[])[];
  /** Of each step all the steps that are completed before it begins. */
  readonly ancestors: readonly ReadonlySet<number>[];
}

/** Checks a graph and resolves its names; answers the first problem if it has any. */
export function resolveGraph(steps: readonly GraphStep[]): StepGraph | GraphProblem {
  const numbers = new Map<string, number>();
  for (const [step, { stepId }] of steps.entries()) {
    if (numbers.has(stepId)) return { kind: "duplicate_step", step };
    numbers.set(stepId, step);
  }

  const dependsOn: number[][] = [];
  for (const [step, { dependsOn: names }] of steps.entries()) {
    const resolved: number[] = [];
    for (const [dependency, name] of names.entries()) {
      const number = numbers.get(name);
      if (number === undefined) return { kind: "unknown_step", step, dependency };
      if (number === step) return { kind: "depends_on_itself", step, dependency };
      if (resolved.includes(number)) return { kind: "repeated_dependency", step, dependency };
      resolved.push(number);
    }
    dependsOn.push(resolved);
  }

  const order = topologicalOrder(dependsOn);
  if (order.length < steps.length) return cycleIn(steps, dependsOn, new Set(order));
  return { dependsOn, ancestors: ancestorsOf(dependsOn, order) };
}

/** The steps in an order in which each comes after those that it depends on; what is on a cycle, or behind one, is missing. */
function topologicalOrder(dependsOn: readonly (readonly number[])[]): number[] {
  const open = dependsOn.map(({ length }) => length);
  const dependents: number[][] = dependsOn.map(() => []);
  for (const [step, numbers] of dependsOn.entries()) for (const number of numbers) dependents[number]?.push(step);
  const order = [...open.keys()].filter((step) => open[step] === 0);
  // It grows while it is walked.
  for (const step of order) {
    for (const dependent of dependents[step] ?? []) {
      const left = (open[dependent] ?? 0) - 1;
      open[dependent] = left;
      if (left === 0) order.push(dependent);
    }
  }
  return order;
}

function ancestorsOf(dependsOn: readonly (readonly number[])[], order: readonly number[]): Set<number>[] {
  const ancestors: Set<number>[] = dependsOn.map(() => new Set());
  for (const step of order) {
    for (const number of dependsOn[step] ?? []) {
      ancestors[step]?.add(number);
      for (const further of ancestors[number] ?? []) ancestors[step]?.add(further);
    }
  }
  return ancestors;
}

/** The cycle that is found from the first step without a place in the order, by following first dependencies without one. */
function cycleIn(
  steps: readonly GraphStep[],
  dependsOn: readonly (readonly number[])[],
  ordered: ReadonlySet<number>,
): GraphProblem {
  const next = (step: number) => (dependsOn[step] ?? []).findIndex((number) => !ordered.has(number));
  const way: number[] = [];
  let step = steps.findIndex((_, number) => !ordered.has(number));
  while (!way.includes(step)) {
    way.push(step);
    step = dependsOn[step]?.[next(step)] ?? step;
  }
  const round = [...way.slice(way.indexOf(step)), step];
  const path = round.map((number) => steps[number]?.stepId ?? "");
  return { kind: "cycle", step, dependency: next(step), path };
}
