import {
  connect,
  type SitqClient,
  type StepResults,
  startWorkflow,
  type WorkflowDefinition,
  workflow,
} from "../../src/client/index.ts";
import type { Case, Figure } from "../case.ts";
import { quantile } from "../quantile.ts";

const queue = "hostile";

/** What is within every bound of the contract and costs as much as it can, each as the steps of a workflow that wait for nothing. */
const costly: readonly {
  readonly expression: string;
  readonly steps: number;
  readonly input: unknown;
}[] = [
  { expression: "input.map(a, input.map(b, a + b))", steps: 100, input: numbers(300) },
  { expression: "input.l.all(x, input.l == input.l)", steps: 10, input: { l: numbers(20_000) } },
  { expression: "input.l.all(x, int('abc') == 1)", steps: 10, input: { l: numbers(20_000) } },
  {
    expression: "input.l.map(x, input.s.lowerAscii()).size()",
    steps: 10,
    input: { l: numbers(2_000), s: "Ab".repeat(20_000) },
  },
  { expression: `${"input + ".repeat(120)}1`, steps: 100, input: 1 },
  { expression: "input", steps: 1, input: numbers(20_000) },
];

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function hostileWorkflow(expression: string, steps: number): WorkflowDefinition<StepResults> {
  let made: WorkflowDefinition<StepResults> = workflow("hostile");
  // Each another expression, so that each has to be parsed.
  for (let step = 0; step < steps; step++) {
    made = made.step(`s${step}`, "work", `\${${expression} == ${step} ? 1 : 2}`, { service: queue });
  }
  return made;
}

/** Claims the steps of one queue until it is stopped, and fails what it gets. */
async function claimAll(client: SitqClient, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { tasks } = await client.worker.claimTasks({
      workerId: "w",
      queues: [queue],
      maxTasks: 512,
      wait: { seconds: 1n, nanos: 0 },
    });
    const ended = tasks.map(({ id, attempt }) =>
      client.worker.failTask({ workerId: "w", taskId: id, attempt, terminal: true }).catch(() => undefined),
    );
    await Promise.all(ended);
  }
}

/** How long calls take, one after the other, while `work` is done; in milliseconds. */
async function callsDuring(client: SitqClient, taskId: string, work: Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  let ended = false;
  void work.finally(() => {
    ended = true;
  });
  while (!ended) {
    const beganMs = performance.now();
    await client.queue.getTask({ taskId });
    times.push(performance.now() - beganMs);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return times;
}

/** Costly expressions beside a caller who has nothing to do with them. */
export const expressions: Case = {
  name: "expressions",
  what: "GetTask, one after the other, while workflows with the costliest expressions are started and handed out",
  server: "sitq",
  goals: [{ figure: "slowest", atMost: 50 }],
  async run({ address, quick, say }, rounds) {
    const [client, hostile] = [connect({ address }), connect({ address })];
    const { task } = await client.queue.enqueue({ task: { queue: "others", type: "t" } });
    const stopping = new AbortController();
    const claiming = claimAll(hostile, stopping.signal);
    const figures: Figure[][] = [];
    for (let round = 0; round <= rounds; round++) {
      const idle = await callsDuring(
        client,
        task?.id ?? "",
        new Promise((resolve) => setTimeout(resolve, quick ? 100 : 2_000)),
      );
      const during: number[] = [];
      for (const { expression, steps, input } of costly) {
        const work = runHostile(hostile, hostileWorkflow(expression, quick ? Math.min(steps, 2) : steps), input);
        const times = await callsDuring(client, task?.id ?? "", work);
        say(`${expression.slice(0, 40)}: slowest ${Math.max(...times).toFixed(1)} ms of ${times.length}`);
        during.push(...times);
      }
      figures.push([
        { name: "slowest", unit: "ms", value: Math.max(...during) },
        { name: "p99", unit: "ms", value: quantile(during, 0.99) },
        { name: "slowest without", unit: "ms", value: Math.max(...idle) },
      ]);
    }
    stopping.abort();
    await claiming;
    client.close();
    hostile.close();
    // The first one was the warm-up.
    return figures.slice(1);
  },
};

/** Fulfilled when a workflow is at rest. */
async function runHostile(
  client: SitqClient,
  definition: WorkflowDefinition<StepResults>,
  input: unknown,
): Promise<void> {
  const { id } = await startWorkflow(client, definition, { input });
  for (;;) {
    const { workflow: found } = await client.workflow.getWorkflow({ workflowId: id });
    if (found?.finishTime !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
