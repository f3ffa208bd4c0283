import { useMemo, useRef, useState } from "preact/hooks";
import { TaskState } from "../../../../gen/sitq/v1/task_pb.js";
import type { WorkflowStep } from "../../../../gen/sitq/v1/workflow_service_pb.js";
import { stateSigns } from "../../ui/state-mark.tsx";
import { enumName } from "../../ui/text.ts";
import { edgePath, type GraphNode, layoutSteps, nodeSize } from "./graph-layout.ts";

/** What is drawn. */
export interface StepGraphProps {
  readonly steps: readonly WorkflowStep[];
  /** The steps that are compensated, or will be, in that order. */
  readonly compensated: readonly WorkflowStep[];
  /** The step that is shown in detail; empty: none. */
  readonly selected: string;
  /** Where a step is shown in detail, as a fragment. */
  readonly hrefOf: (stepId: string) => string;
}

const zooms = [0.25, 0.4, 0.6, 0.8, 1, 1.25, 1.6] as const;
const wholeSize = zooms.indexOf(1);

/** The steps of a workflow as a graph, each with its state. Each is a link to its details; the table of steps says the same. */
export function StepGraph({ steps, compensated, selected, hrefOf }: StepGraphProps) {
  const [zoomAt, setZoomAt] = useState<number>(wholeSize);
  const box = useRef<HTMLElement>(null);
  // Where the steps are does not depend on their states.
  const shape = steps.map(({ stepId, dependsOn }) => `${stepId}<${dependsOn.join()}`).join(" ");
  const { width, height, nodes, edges } = useMemo(() => layoutSteps(steps), [shape]);
  const zoom = zooms[zoomAt] ?? 1;
  const stepOf = new Map(steps.map((step) => [step.stepId, step]));
  const placeOf = new Map(compensated.map(({ stepId }, at) => [stepId, at + 1]));

  function fit(): void {
    const room = (box.current?.clientWidth ?? width) / width;
    setZoomAt(
      Math.max(
        0,
        zooms.findLastIndex((each) => each <= room),
      ),
    );
  }

  return (
    <>
      <div class="buttons zoom">
        <button type="button" disabled={zoomAt === 0} aria-label="Draw smaller" onClick={() => setZoomAt(zoomAt - 1)}>
          −
        </button>
        <button
          type="button"
          disabled={zoomAt === zooms.length - 1}
          aria-label="Draw larger"
          onClick={() => setZoomAt(zoomAt + 1)}
        >
          +
        </button>
        <button type="button" onClick={fit}>
          Fit to width
        </button>
        <span class="muted">{Math.round(zoom * 100)} %</span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and by keys only where it can have the focus */}
      <section ref={box} class="graph" aria-label="Graph of the steps" tabIndex={0}>
        {/* biome-ignore lint/a11y/useSemanticElements: an SVG has no such element, and its links are a group */}
        <svg
          role="group"
          aria-label="The steps and what they depend on"
          width={width * zoom}
          height={height * zoom}
          viewBox={`0 0 ${width} ${height}`}
        >
          <defs>
            <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
              <path d="M0 0L8 4L0 8z" />
            </marker>
          </defs>
          {edges.map(({ from, to, points }) => (
            <path
              key={`${from} ${to}`}
              class={`edge${stepOf.get(from)?.state === TaskState.COMPLETED ? " passed" : ""}`}
              d={edgePath(points)}
              marker-end="url(#arrow)"
            />
          ))}
          {nodes.map((node) => {
            const step = stepOf.get(node.stepId);
            return step === undefined ? null : (
              <Node
                key={node.stepId}
                node={node}
                step={step}
                place={placeOf.get(node.stepId) ?? null}
                isSelected={node.stepId === selected}
                href={hrefOf(node.stepId)}
              />
            );
          })}
        </svg>
      </section>
    </>
  );
}

interface NodeProps {
  readonly node: GraphNode;
  readonly step: WorkflowStep;
  /** Its place in the order of compensations; `null`: it has none. */
  readonly place: number | null;
  readonly isSelected: boolean;
  readonly href: string;
}

function Node({ node, step, place, isSelected, href }: NodeProps) {
  const { stepId, action, dependsOn, compensation, attempt } = step;
  const state = enumName(TaskState, step.state);
  const undone = compensation === undefined ? null : enumName(TaskState, compensation.state);
  const written = {
    name: shortened(stepId, 25),
    action: shortened(action, 30),
    state: `${stateSigns[state]} ${state}${attempt > 1 ? ` (attempt ${attempt})` : ""}`,
    undone: undone === null ? "" : `↶${place ?? ""} ${stateSigns[undone]}`,
  };
  const more = [
    written.name === stepId ? "" : stepId,
    dependsOn.length > 0 ? `depends on ${dependsOn.join(", ")}` : "",
    undone === null ? "" : `compensation ${undone}`,
  ];
  return (
    // What is written in it names it, so that one who speaks it finds it.
    <a
      href={href}
      aria-label={Object.values(written).join(" ")}
      aria-description={more.filter((part) => part !== "").join(", ")}
      aria-current={isSelected || undefined}
    >
      {/* An svg of its own cuts what is too long. */}
      <svg class={`node state-${state}`} x={node.x} y={node.y} {...nodeSize} aria-hidden="true">
        <rect x="1" y="1" width={nodeSize.width - 2} height={nodeSize.height - 2} rx="6" />
        <text x="10" y="18" class="node-name">
          {written.name}{" "}
        </text>
        <text x="10" y="34" class="node-action">
          {written.action}{" "}
        </text>
        <text x="10" y="50" class="node-state">
          {written.state}{" "}
        </text>
        {undone !== null && (
          <text x={nodeSize.width - 10} y="50" text-anchor="end" class={`node-state state-${undone}`}>
            {written.undone}{" "}
          </text>
        )}
      </svg>
    </a>
  );
}

function shortened(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
