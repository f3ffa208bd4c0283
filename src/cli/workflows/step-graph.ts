/** A step to draw: its name, and those that it depends on. */
export interface DrawnStep {
  readonly stepId: string;
  readonly dependsOn: readonly string[];
}

/** A line of the drawing; `step` is the number of the step that stands on it, `null`: there are only edges. */
export interface GraphLine {
  /** The edges, with `mark` where the step is. */
  readonly edges: string;
  readonly step: number | null;
}

/** Stands for the step in the edges of its line. */
export const stepMark = "*";

/** More edges side by side than this are unreadable and wider than a terminal. */
const mostLanes = 24;

/**
 * Draws a graph from top to bottom, each step on a line of its own, below all that it depends on. An edge is a lane that goes
 * down from a step to one that depends on it:
 *
 * ```
 * *        reserve
 * ├─┐
 * * │      charge
 * │ *      pack
 * ├─┘
 * *        ship
 * ```
 *
 * A graph with too many edges side by side is drawn without any.
 */
export function drawGraph(steps: readonly DrawnStep[]): GraphLine[] {
  const order = inLayers(steps);
  const numbers = new Map(steps.map(({ stepId }, number) => [stepId, number]));
  const dependentsOf = steps.map(() => [] as number[]);
  for (const number of order) {
    for (const name of steps[number]?.dependsOn ?? []) dependentsOf[numbers.get(name) ?? -1]?.push(number);
  }

  const lines: GraphLine[] = [];
  /** The step that each lane leads to; `null`: it is free. */
  const lanes: (number | null)[] = [];
  for (const step of order) {
    const incoming = [...lanes.keys()].filter((lane) => lanes[lane] === step);
    if (incoming.length > 1) lines.push({ edges: joint(lanes, incoming, "┴", "┘"), step: null });
    for (const lane of incoming) lanes[lane] = null;
    const own = incoming[0] ?? freeLane(lanes, 0);
    const [first = null, ...others] = dependentsOf[step] ?? [];
    lanes[own] = step;
    lines.push({ edges: lanes.map((lane) => (lane === step ? stepMark : lane === null ? " " : "│")).join(" "), step });
    lanes[own] = first;
    const opened = others.map((other) => {
      const lane = freeLane(lanes, own);
      lanes[lane] = other;
      return lane;
    });
    if (opened.length > 0) lines.push({ edges: joint(lanes, [own, ...opened], "┬", "┐"), step: null });
    if (lanes.length > mostLanes) return order.map((number) => ({ edges: stepMark, step: number }));
  }
  return lines.map(({ edges, step }) => ({ edges: edges.trimEnd(), step }));
}

/** A line that ties lanes together: the first goes on, `between` and `last` are the forms of the others. */
function joint(lanes: readonly (number | null)[], tied: readonly number[], between: string, last: string): string {
  const from = Math.min(...tied);
  const to = Math.max(...tied);
  return lanes
    .map((lane, index) => {
      const isInside = index >= from && index < to;
      const line = isInside ? "─" : " ";
      if (index === from) return `├${line}`;
      if (tied.includes(index)) return `${index === to ? last : between}${line}`;
      if (lane !== null) return `${index > from && index < to ? "┼" : "│"}${line}`;
      return line.repeat(2);
    })
    .join("");
}

/** A free lane, from `from` on; a new one if there is none. */
function freeLane(lanes: (number | null)[], from: number): number {
  const free = lanes.findIndex((lane, index) => index >= from && lane === null);
  if (free !== -1) return free;
  return lanes.push(null) - 1;
}

/** The steps in an order in which each comes after those that it depends on, and otherwise stays where it was. */
function inLayers(steps: readonly DrawnStep[]): number[] {
  const layers = new Map<string, number>();
  const open = new Set(steps);
  for (let layer = 0; open.size > 0; layer++) {
    const next = [...open].filter(({ dependsOn }) => dependsOn.every((name) => layers.has(name)));
    // What the server would have refused is drawn as it comes.
    for (const step of next.length > 0 ? next : open) {
      layers.set(step.stepId, layer);
      open.delete(step);
    }
  }
  const layerOf = (number: number) => layers.get(steps[number]?.stepId ?? "") ?? 0;
  return [...steps.keys()].sort((a, b) => layerOf(a) - layerOf(b) || a - b);
}
